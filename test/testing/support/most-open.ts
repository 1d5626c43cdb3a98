/** One request as a server saw it, in milliseconds; `closedAt` is undefined while it is open. */
export interface Seen {
  readonly openedAt: number
  readonly closedAt: number | undefined
  readonly aborted: boolean
}

// The next request may arrive before the server sees an aborted one closed: G3 allows 50 ms.
const grace = 50

/** The most requests that were open at once. One that was aborted counts until 50 ms before it was seen closed. */
export function mostOpen(requests: ReadonlyArray<Seen>): number {
  const endOf = ({ closedAt = Number.POSITIVE_INFINITY, aborted }: Seen): number => closedAt - (aborted ? grace : 0)
  const openAt = (time: number): number =>
    requests.filter((request) => request.openedAt <= time && time < endOf(request)).length
  return Math.max(0, ...requests.map(({ openedAt }) => openAt(openedAt)))
}
