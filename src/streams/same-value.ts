const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

/** What JSON would write of an object that says so itself, such as a Date; the elements of what can be iterated over. */
function plain(value: unknown): unknown {
  if (!isObject(value)) return value
  if ('toJSON' in value && typeof value.toJSON === 'function') return Reflect.apply(value.toJSON, value, [])
  return value instanceof Map || value instanceof Set ? Array.from<unknown>(value) : value
}

/**
 * True where two values hold the same: their own fields, whatever the order of the keys, all the way down. A Date is what
 * its JSON says.
 *
 * It keeps a list instead of calling itself: nesting that a service sends must not end a stream by the depth of a stack.
 */
export function sameValue(one: unknown, other: unknown): boolean {
  const pairs: Array<readonly [unknown, unknown]> = [[one, other]]
  const met = new Map<object, object>()
  for (let pair = pairs.pop(); pair !== undefined; pair = pairs.pop()) {
    const [a, b] = [plain(pair[0]), plain(pair[1])]
    if (Object.is(a, b)) continue
    if (!isObject(a) || !isObject(b)) return false
    // Met before: a value that holds itself.
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
