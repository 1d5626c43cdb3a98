const longest = 80

// JSON.stringify gives undefined for what JSON does not have (functions, symbols), whatever its type says.
const stringify: (value: unknown) => string | undefined = JSON.stringify

/** A value for an error's words: as JSON, on one line, cut at 80 characters. */
export function show(value: unknown): string {
  if (value === undefined) return 'missing'
  const json = stringify(value) ?? typeof value
  return json.length > longest ? `${json.slice(0, longest)}…` : json
}
