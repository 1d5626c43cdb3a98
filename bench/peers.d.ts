/**
 * What the benches use of their peers. It stands in for the peers' own types, so that types and lint need none of them
 * installed; that it is right shows when the benches run.
 */
declare module 'zod' {
  interface Schema<A> {
    readonly safeParse: (u: unknown) => { readonly success: boolean; readonly data?: A }
  }
  export const z: {
    readonly string: () => Schema<string>
    readonly object: <A extends object>(fields: { readonly [K in keyof A]: Schema<A[K]> }) => Schema<A>
    readonly array: <A>(element: Schema<A>) => Schema<ReadonlyArray<A>>
  }
}
