const longest = 80

// JSON.stringify gives undefined for what JSON does not have (functions, symbols), whatever its type says.
const stringify: (value: unknown) => string | undefined = JSON.stringify

function words(value: unknown): string {
  if (value === undefined) return 'missing'
  if (typeof value === 'number' || typeof value === 'bigint') return String(value)
  try {
    return stringify(value) ?? typeof value
  } catch {
    return typeof value
  }
}

/** A value for an error's words: as JSON, on one line, cut at 80 characters. */
export function show(value: unknown): string {
  const shown = words(value)
  return shown.length > longest ? `${shown.slice(0, longest)}…` : shown
}
