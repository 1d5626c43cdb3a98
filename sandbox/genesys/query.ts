import { GenesysError } from './errors.ts'

/** Reads the query parameters of one request; each reader throws 400 invalid.query.param.value for what cannot be. */
export interface Query {
  text(name: string): string | undefined
  flag(name: string, fallback: boolean): boolean
  positive(name: string, fallback: number): number
  oneOf<A extends string>(name: string, allowed: ReadonlyArray<A>): A | undefined
}

export function readQuery(query: (name: string) => string | undefined): Query {
  const invalid = (name: string, value: string, allowed: string): GenesysError =>
    new GenesysError(
      400,
      'invalid.query.param.value',
      `Value [${value}] is not valid for parameter [${name}]. Allowable values are: ${allowed}`,
      { messageParams: { name, value } },
    )
  const oneOf = <A extends string>(name: string, allowed: ReadonlyArray<A>): A | undefined => {
    const value = query(name)
    if (value === undefined) return undefined
    const found = allowed.find((one) => one === value)
    if (found === undefined) throw invalid(name, value, allowed.join(', '))
    return found
  }
  return {
    text: query,
    flag(name, fallback) {
      const value = oneOf(name, ['true', 'false'])
      return value === undefined ? fallback : value === 'true'
    },
    positive(name, fallback) {
      const value = query(name)
      if (value === undefined) return fallback
      if (!/^[1-9]\d{0,8}$/.test(value)) throw invalid(name, value, 'integers from 1')
      return Number(value)
    },
    oneOf,
  }
}
