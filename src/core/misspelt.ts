/** How many letters must be put in, taken out or replaced to make one name of the other, however they are cased. */
function distance(one: string, other: string): number {
  const target = Array.from(other.toLowerCase())
  let row = Array.from({ length: target.length + 1 }, (_, index) => index)
  for (const [index, letter] of Array.from(one.toLowerCase()).entries()) {
    const next = [index + 1]
    for (const [at, wanted] of target.entries()) {
      const replaced = (row[at] ?? 0) + (letter === wanted ? 0 : 1)
      next.push(Math.min(replaced, (row[at + 1] ?? 0) + 1, (next[at] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}

// Of a short name two letters are most of it.
const mistakes = (name: string): number => (name.length < 6 ? 1 : 2)

/**
 * The option that was meant by one that there is not. Names that are like none stay unsaid: options are often one object
 * for many calls, and what is for another is no mistake.
 */
export function meant(name: string, options: ReadonlyArray<string>): string | undefined {
  if (options.includes(name)) return undefined
  return options.find((option) => distance(name, option) <= mistakes(option))
}
