import { createRandom } from './random.ts'
import type { Fault, FaultMatch, FaultRule } from './rules.ts'

/** A fault picked for one request; what did not come about in the end is given back. */
export interface Chosen {
  readonly fault: Fault
  giveBack(): void
}

/** Picks the faults of one request. */
export type Chooser = (method: string, path: string) => ReadonlyArray<Chosen>

/** Each rule has numbers of its own, so that requests that it does not match do not change what it does. */
export function createChooser(rules: ReadonlyArray<FaultRule>, seed: number): Chooser {
  const seeds = createRandom(seed)
  const tries = rules.map((rule) => createTry(rule, createRandom(Math.floor(seeds() * 2 ** 32))))
  return (method, path) => {
    const chosen: Chosen[] = []
    for (const attempt of tries) {
      const one = attempt(method, path)
      if (one === undefined) continue
      chosen.push(one)
      if (one.fault.kind !== 'latency') break
    }
    return chosen
  }
}

function createTry(rule: FaultRule, random: () => number): (method: string, path: string) => Chosen | undefined {
  const { match, probability = 1, times = Number.POSITIVE_INFINITY, skip = 0 } = rule
  let seen = 0
  let used = 0
  return (method, path) => {
    if (match !== undefined && !matches(match, method, path)) return undefined
    seen += 1
    if (seen <= skip || used >= times || random() >= probability) return undefined
    used += 1
    return {
      fault: rule,
      giveBack() {
        used -= 1
      },
    }
  }
}

function matches(match: FaultMatch, method: string, path: string): boolean {
  if (typeof match === 'function') return match(method, path)
  if (match.method !== undefined && match.method !== method) return false
  // search ignores lastIndex, so that a global expression matches each time.
  return match.path === undefined || path.search(match.path) >= 0
}
