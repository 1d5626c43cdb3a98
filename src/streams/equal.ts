/** True for what may have fields. */
export const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

/** What JSON would hold of an object with a `toJSON`, such as a Date; the elements of a Map or Set. */
function plain(value: unknown): unknown {
  if (!isObject(value)) return value
  if ('toJSON' in value && typeof value.toJSON === 'function') return Reflect.apply(value.toJSON, value, [])
  return value instanceof Map || value instanceof Set ? Array.from<unknown>(value) : value
}

/**
 * True where two values have equal fields all the way down, in any order. A Date is compared by its JSON.
 *
 * It keeps a list instead of calling itself, so that deeply nested JSON of a service does not overflow the stack.
 */
export function isEqual(one: unknown, other: unknown): boolean {
  const pairs: Array<readonly [unknown, unknown]> = [[one, other]]
  const met = new Map<object, object>()
  for (let pair = pairs.pop(); pair !== undefined; pair = pairs.pop()) {
    const [a, b] = [plain(pair[0]), plain(pair[1])]
    if (Object.is(a, b)) continue
    if (!isObject(a) || !isObject(b)) return false
    // Compared already: a value that holds itself.
    if (met.get(a) === b) continue
    met.set(a, b)
    const keys = Object.keys(a)
    if (Array.isArray(a) !== Array.isArray(b) || keys.length !== Object.keys(b).length) return false
    for (const key of keys) {
      if (!Object.hasOwn(b, key)) return false
      pairs.push([Reflect.get(a, key), Reflect.get(b, key)])
    }
  }
  return true
}
