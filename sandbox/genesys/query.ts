import { GenesysError } from './errors.ts'

/** Reads the query parameters of one request. Throws 400 invalid.query.param.value for invalid values. */
export class Query {
  readonly #read: (name: string) => string | undefined

  constructor(read: (name: string) => string | undefined) {
    this.#read = read
  }

  text(name: string): string | undefined {
    return this.#read(name)
  }

  flag(name: string, fallback: boolean): boolean {
    const value = this.oneOf(name, ['true', 'false'])
    return value === undefined ? fallback : value === 'true'
  }

  positive(name: string, fallback: number): number {
    const value = this.#read(name)
    if (value === undefined) return fallback
    if (!/^[1-9]\d{0,8}$/.test(value)) throw invalid(name, value, 'integers from 1')
    return Number(value)
  }

  oneOf<A extends string>(name: string, allowed: ReadonlyArray<A>): A | undefined {
    const value = this.#read(name)
    if (value === undefined) return undefined
    const found = allowed.find((one) => one === value)
    if (found === undefined) throw invalid(name, value, allowed.join(', '))
    return found
  }
}

function invalid(name: string, value: string, allowed: string): GenesysError {
  const message = `Value [${value}] is not valid for parameter [${name}]. Allowable values are: ${allowed}`
  return new GenesysError(400, 'invalid.query.param.value', message, { messageParams: { name, value } })
}
