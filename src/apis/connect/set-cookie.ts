/** A cookie as a server sets it. */
export interface SetCookie {
  readonly name: string
  readonly value: string
  /** Lower case, without a leading dot; undefined for the server's own host only. */
  readonly domain: string | undefined
  readonly path: string | undefined
  readonly secure: boolean
  /** Milliseconds since the epoch; undefined until the client goes. */
  readonly expires: number | undefined
}

// Some fetches join several headers with commas. A comma in a date is not followed by a name and an equals sign.
const between = /,(?=\s*[^\s;,=]+=)/

// What can stand in a header, and no more of it than a browser takes.
const acceptable = /^[^\s;,=\x00-\x1f\x7f-\uffff]+=[\x20-\x7e]*$/
const longest = 4_096

/** Reads Set-Cookie: one cookie, or several that a fetch has joined. What is no cookie is dropped. */
export function parseSetCookie(header: string, now: number): ReadonlyArray<SetCookie> {
  return header.split(between).flatMap((text) => {
    const [pair = '', ...rest] = text.split(';').map((part) => part.trim())
    if (!acceptable.test(pair) || pair.length > longest) return []
    const attributes = new Map(rest.map(attributeOf))
    const at = pair.indexOf('=')
    const path = attributes.get('path')
    return [
      {
        name: pair.slice(0, at),
        value: pair.slice(at + 1),
        domain: attributes.get('domain')?.toLowerCase().replace(/^\./, '') || undefined,
        path: path?.startsWith('/') === true ? path : undefined,
        secure: attributes.has('secure'),
        expires: expiry(attributes, now),
      },
    ]
  })
}

function attributeOf(text: string): readonly [name: string, value: string] {
  const [name = '', ...value] = text.split('=')
  return [name.trim().toLowerCase(), value.join('=').trim()]
}

/** Max-Age wins over Expires; what cannot be read counts as not there. */
function expiry(attributes: ReadonlyMap<string, string>, now: number): number | undefined {
  const maxAge = attributes.get('max-age') ?? ''
  if (/^-?\d+$/.test(maxAge)) return now + Number(maxAge) * 1000
  const date = Date.parse(attributes.get('expires') ?? '')
  return Number.isNaN(date) ? undefined : date
}
