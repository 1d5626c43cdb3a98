/** Which requests a rule is for. */
export type FaultMatch =
  | ((method: string, path: string) => boolean)
  | {
      /** Upper case. Default: any. */
      readonly method?: string
      /** Tried on the path with its query. Default: any. */
      readonly path?: RegExp
    }

/** When a body goes wrong: once that many bytes of it are sent, or that many milliseconds after the request came. */
export type FaultMoment = { readonly bytes: number } | { readonly ms: number }

/** What goes wrong. */
export type Fault =
  | {
      /** Waits before the request reaches the service. Other rules still apply afterwards. */
      readonly kind: 'latency'
      readonly ms: number
    }
  | {
      /** Resets the connection instead of answering. */
      readonly kind: 'reset'
      /** Whether before the service heard of it, or after it did its work. Default 'before'. */
      readonly when?: 'before' | 'after'
    }
  | {
      /** Closes the connection in the middle of the body. */
      readonly kind: 'cut'
      /** Default after the head, with no byte of the body. */
      readonly after?: FaultMoment
      /** A Content-Length to promise where the service itself states none. */
      readonly contentLength?: number
    }
  | {
      /** Stops sending in the middle of the body and keeps the connection open. */
      readonly kind: 'stall'
      /** Default after the head, with no byte of the body. */
      readonly after?: FaultMoment
    }
  | {
      /** Answers with that status; the service does not hear of the request. */
      readonly kind: 'status'
      readonly status: number
      /** Retry-After in seconds or as an HTTP date. Default: none. */
      readonly retryAfter?: number | string
      /** Default: an error as the service would word it, or plain text where it has no words for that status. */
      readonly body?: string
    }
  | {
      /** Answers 200 with JSON that fits no operation; the service does not hear of the request. */
      readonly kind: 'wrongJson'
      /** Sent as it is, broken or not. Default `{"surprise":true}`. */
      readonly body?: string
    }
  | {
      /** Answers with a web page, as a proxy does; the service does not hear of the request. */
      readonly kind: 'html'
      /** Default 200. */
      readonly status?: number
    }
  | {
      /** Takes the request and never answers; the service does not hear of it. */
      readonly kind: 'silence'
    }

export type FaultKind = Fault['kind']

/** A fault and when to bring it about. */
export type FaultRule = Fault & {
  /** Default: every request. */
  readonly match?: FaultMatch
  /** Chance from 0 to 1, by the seed. Default 1. */
  readonly probability?: number
  /** How often at most. Default: no limit. */
  readonly times?: number
  /** How many matching requests pass before the rule begins. Default 0. */
  readonly skip?: number
}

/** The faults to start with. */
export interface FaultPlan {
  /** 32-bit integer; the same seed and the same order of requests give the same faults. Default: random. */
  readonly seed?: number
  /** The first rule that fires decides; 'latency' alone lets the ones after it apply as well. */
  readonly rules: ReadonlyArray<FaultRule>
}

/** The faults of a running sandbox. */
export interface Faults {
  /** To give to `startSandbox` again when a failure is to be replayed. */
  readonly seed: number
  /** How often each kind really came about; a cut behind the end of a body does not count. */
  readonly met: Readonly<Record<FaultKind, number>>
  /** Puts other rules in place for the requests to come; their counts and chances begin anew from the seed. */
  set(rules: ReadonlyArray<FaultRule>): void
}
