/** One figure. */
export interface Row {
  /** What was measured, such as `CPU of one request`. */
  readonly measure: string
  /** Of whom, such as `rxjobs` or `ky`. */
  readonly subject: string
  readonly value: number
  readonly unit: string
  /** The value divided by that of the subject in `to`, from the same run. */
  readonly ratio?: number
  readonly to?: string
}

/** What a figure was to reach. */
export interface Mark {
  readonly what: string
  /** The bound as it is told, such as `≤ 1.10 × bare fetch`. */
  readonly bound: string
  readonly value: number
  readonly met: boolean
}

/** Bars from the left, one for each label, with an optional line at a mark. */
export interface Bars {
  readonly kind: 'bars'
  readonly title: string
  readonly unit: string
  readonly bars: ReadonlyArray<{ readonly label: string; readonly value: number }>
  readonly mark?: number
}

/** Lines over two axes. */
export interface Lines {
  readonly kind: 'lines'
  readonly title: string
  readonly x: string
  readonly y: string
  /** Whether both axes are logarithmic; linear when absent. */
  readonly log?: boolean
  readonly series: ReadonlyArray<{
    readonly label: string
    readonly points: ReadonlyArray<readonly [x: number, y: number]>
  }>
}

/** All that one bench found. */
export interface Report {
  readonly title: string
  /** How it was measured, in a sentence or two. */
  readonly how: string
  readonly rows: ReadonlyArray<Row>
  readonly marks: ReadonlyArray<Mark>
  readonly plots: ReadonlyArray<Bars | Lines>
  /** What the figures do not say, and why a mark was missed: one paragraph each, in Markdown. */
  readonly notes: ReadonlyArray<string>
}

/** Hands the report of a bench to the process that started it. */
export function report(found: Report): void {
  process.stdout.write(JSON.stringify(found))
}
