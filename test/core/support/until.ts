/** Reads until what is read is as wanted; fails after the deadline. */
export async function until<A>(read: () => A, wanted: (value: A) => boolean, ms = 8_000): Promise<A> {
  const deadline = performance.now() + ms
  for (;;) {
    const value = read()
    if (wanted(value)) return value
    if (performance.now() > deadline) throw new Error(`Not within ${ms} ms; last seen: ${JSON.stringify(value)}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** Reads until many looks in a row have seen the same. */
export function atRest<A>(read: () => A): Promise<A> {
  let last: A | undefined
  let same = 0
  return until(read, (value) => {
    same = value === last ? same + 1 : 0
    last = value
    return same >= 30
  })
}
