/** An uploaded bundle, unpacked. */
export interface Bundle {
  readonly id: number
  readonly createdTime: string
  /** Where its files are. */
  readonly directory: string
  /** Bytes as uploaded. */
  readonly size: number
  readonly appMode: string
  readonly entrypoint: string
}
