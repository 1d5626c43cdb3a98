/** What a soak met, and what was wrong. */
export class Tally {
  readonly #counts = new Map<string, Map<string, number>>()
  readonly #most = new Map<string, number>()
  readonly wrong: string[] = []

  /** Counts what was met, in a group of the report. */
  add(group: string, what: string, times = 1): void {
    const counts = this.#counts.get(group) ?? new Map<string, number>()
    this.#counts.set(group, counts.set(what, (counts.get(what) ?? 0) + times))
  }

  /** Keeps the greatest value. */
  most(what: string, value: number): void {
    this.#most.set(what, Math.max(value, this.#most.get(what) ?? 0))
  }

  /** Notes a difference; any of them fails the soak. */
  fail(what: string): void {
    this.wrong.push(what)
  }

  count(group: string, what: string): number {
    return this.#counts.get(group)?.get(what) ?? 0
  }

  print(): void {
    for (const [group, counts] of [...this.#counts].sort()) {
      console.log(`\n${group}`)
      for (const [what, times] of [...counts].sort()) console.log(`  ${what.padEnd(44)} ${String(times).padStart(9)}`)
    }
    if (this.#most.size > 0) console.log('\nat most')
    for (const [what, value] of this.#most) console.log(`  ${what.padEnd(44)} ${String(Math.round(value)).padStart(9)}`)
    console.log(this.wrong.length === 0 ? '\nno difference' : `\n${this.wrong.length} differences`)
    for (const what of this.wrong.slice(0, 20)) console.log(`  ${what}`)
  }
}
