/**
 * The secrets that a value shows when it is logged, inspected or serialised: in any string that can be reached by own properties
 * (hidden ones and an error's stack among them), in its text and in its JSON.
 */
export function findSecrets(value: unknown, secrets: ReadonlyArray<string>): ReadonlyArray<string> {
  const seen = new Set<unknown>()
  const texts: Array<string> = []
  const visit = (some: unknown): void => {
    if (typeof some === 'string') return void texts.push(some)
    if (some === null || (typeof some !== 'object' && typeof some !== 'function') || seen.has(some)) return
    seen.add(some)
    if (some instanceof Error) texts.push(String(some))
    if (some instanceof Map || some instanceof Set) for (const inner of some) visit(inner)
    if (ArrayBuffer.isView(some)) return
    for (const key of Reflect.ownKeys(some)) {
      texts.push(String(key))
      const property: { readonly value?: unknown } | undefined = Reflect.getOwnPropertyDescriptor(some, key)
      visit(property?.value)
    }
  }
  visit(value)
  texts.push(jsonOf(value))
  return secrets.filter((secret) => texts.some((text) => text.includes(secret)))
}

function jsonOf(value: unknown): string {
  try {
    return JSON.stringify([value])
  } catch {
    return ''
  }
}
