/** Looks for a run of lines in lines that come one by one. */
export interface RunFinder {
  /** Takes a line; gives the lines that are now known to come before the run's first place, if that was not found yet. */
  push(line: string): ReadonlyArray<string>
  /** How often the run was found so far, overlaps included. */
  found(): number
  /** The lines that may still be the beginning of the run's first place. */
  held(): ReadonlyArray<string>
}

/** For each length of the pattern: the longest shorter beginning of it that it ends with (Knuth, Morris and Pratt). */
function borders(pattern: ReadonlyArray<string>): ReadonlyArray<number> {
  const border: Array<number> = [0, 0]
  let length = 0
  for (let at = 1; at < pattern.length; at++) {
    while (length > 0 && pattern[at] !== pattern[length]) length = border[length] ?? 0
    if (pattern[at] === pattern[length]) length++
    border.push(length)
  }
  return border
}

/** Looks at each line once and holds no more than the run's length. An empty run is never found. */
export function runFinder(pattern: ReadonlyArray<string>): RunFinder {
  const border = borders(pattern)
  let matched = 0
  let found = 0
  return {
    found: () => found,
    held: () => (found > 0 ? [] : pattern.slice(0, matched)),
    push: (line) => {
      if (matched === pattern.length) matched = border[matched] ?? 0
      const before = matched
      while (matched > 0 && pattern[matched] !== line) matched = border[matched] ?? 0
      const fits = pattern.length > 0 && pattern[matched] === line
      if (fits) matched++
      const passed =
        found > 0 ? [] : fits ? pattern.slice(0, before + 1 - matched) : [...pattern.slice(0, before), line]
      if (matched === pattern.length && matched > 0) found++
      return passed
    },
  }
}
