/** The requests to which a rule applies. */
export type FaultMatch =
  | ((method: string, path: string) => boolean)
  | {
      /** Upper case. Default: any. */
      readonly method?: string
      /** Tested on the path with its query. Default: any. */
      readonly path?: RegExp
    }

/** When a body breaks: after that many bytes of it, or that many milliseconds after the request arrived. */
export type FaultMoment = { readonly bytes: number } | { readonly ms: number }

/** One kind of failure. */
export type Fault =
  | {
      /** Delays the request. Later rules still apply. */
      readonly kind: 'latency'
      readonly ms: number
    }
  | {
      /** Resets the connection instead of answering. */
      readonly kind: 'reset'
      /** Whether before the service gets the request, or after it handled it. Default 'before'. */
      readonly when?: 'before' | 'after'
    }
  | {
      /** Closes the connection in the middle of the body. */
      readonly kind: 'cut'
      /** Default after the head, with no byte of the body. */
      readonly after?: FaultMoment
      /** A Content-Length to send where the service itself sends none. */
      readonly contentLength?: number
    }
  | {
      /** Stops sending in the middle of the body and keeps the connection open. */
      readonly kind: 'stall'
      /** Default after the head, with no byte of the body. */
      readonly after?: FaultMoment
    }
  | {
      /** Answers with that status; the service does not get the request. */
      readonly kind: 'status'
      readonly status: number
      /** Retry-After: seconds, an HTTP date, or any other text that a header can carry. Default: none. */
      readonly retryAfter?: number | string
      /** Default: the service's own error body for that status; plain text where it has none. */
      readonly body?: string
    }
  | {
      /** Answers 200 with JSON that fits no operation; the service does not get the request. */
      readonly kind: 'wrongJson'
      /** Sent as it is, broken or not. Default `{"surprise":true}`. */
      readonly body?: string
    }
  | {
      /** Answers with a web page, as a proxy does; the service does not get the request. */
      readonly kind: 'html'
      /** Default 200. */
      readonly status?: number
    }
  | {
      /**
       * Answers with exactly that; the service does not get the request. For a maintenance page, an empty body, cut JSON, another
       * job's log.
       */
      readonly kind: 'answer'
      /** Default 200. */
      readonly status?: number
      /** Default 'application/json'; '' sends none. */
      readonly contentType?: string
      /** Default: an empty body. Bytes may be half a character. */
      readonly body?: string | Uint8Array
      readonly headers?: Readonly<Record<string, string>>
    }
  | {
      /**
       * Lets the service answer and sends what the function makes of its body: cut short, with times or control characters, a job
       * twice, an older list. A body is held until it is complete, so a tail comes when its job is over.
       */
      readonly kind: 'rewrite'
      readonly body: (text: string) => string | Uint8Array
    }
  | {
      /** Sets headers of the service's answer, such as a rate limit that makes no sense. Later rules still apply. */
      readonly kind: 'headers'
      readonly headers: Readonly<Record<string, string>>
    }
  | {
      /** Lets the service answer, and closes the connection some time afterwards without having said so. */
      readonly kind: 'hangUp'
      /** Milliseconds after the answer. Default 0. */
      readonly afterMs?: number
    }
  | {
      /** Accepts the request and never answers; the service does not get it. */
      readonly kind: 'silence'
    }

export type FaultKind = Fault['kind']

/** A fault and the requests in which it happens. */
export type FaultRule = Fault & {
  /** Default: every request. */
  readonly match?: FaultMatch
  /** From 0 to 1, drawn from the seed. Default 1. */
  readonly probability?: number
  /** How often it happens at most. Default: no limit. */
  readonly times?: number
  /** How many matching requests pass before the rule begins. Default 0. */
  readonly skip?: number
}

/** The faults to start with. */
export interface FaultPlan {
  /** 32-bit integer; the same seed and the same order of requests give the same faults. Default: random. */
  readonly seed?: number
  /** The first rule that fires decides; only after 'latency' and 'headers' later rules apply as well. */
  readonly rules: ReadonlyArray<FaultRule>
}

/** The faults of a running sandbox. */
export interface Faults {
  /** Pass it to `startSandbox` to replay a failure. */
  readonly seed: number
  /** How often each kind happened; a cut beyond the end of a body does not count. */
  readonly met: Readonly<Record<FaultKind, number>>
  /** Replaces the rules for new requests. Counts and random numbers start again from the seed. */
  set(rules: ReadonlyArray<FaultRule>): void
}

/** A fault chosen for one request. */
export interface Chosen {
  readonly fault: Fault
  /** Undoes the choice when the fault did not happen, so that it does not count against `times`. */
  giveBack(): void
}

/** Chooses the faults of one request. */
export type Chooser = (method: string, path: string) => ReadonlyArray<Chosen>

/** Each rule has its own random numbers, so that requests that it does not match do not change what it does. */
export function createChooser(rules: ReadonlyArray<FaultRule>, seed: number): Chooser {
  const seeds = createRandom(seed)
  const tries = rules.map((rule) => createTry(rule, createRandom(Math.floor(seeds() * 2 ** 32))))
  return (method, path) => {
    const chosen: Chosen[] = []
    for (const attempt of tries) {
      const one = attempt(method, path)
      if (one === undefined) continue
      chosen.push(one)
      if (one.fault.kind !== 'latency' && one.fault.kind !== 'headers') break
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

/** Numbers from 0 up to 1 that depend on the seed alone (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
