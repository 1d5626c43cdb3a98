const loopback = /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/

/**
 * Checks the address of a service and gives it without a slash at its end. The errors do not repeat what was given: it
 * may be a key that stands in the wrong option.
 *
 * @param option the option's name, for the error
 * @param allowHttp whether plain http may go to a host that is not this machine
 * @throws TypeError for what is no absolute http(s) URL, holds credentials, a query or a fragment, or is plain http to
 *   another machine without `allowHttp`: a key would cross the network readable
 */
export function baseUrl(option: string, url: string, allowHttp = false): string {
  const wrong = (what: string): TypeError => new TypeError(`${option}: ${what}`)
  if (typeof url !== 'string' || url === '')
    throw wrong('is missing; it must be a URL such as https://connect.example.com')
  // A URL parser drops tabs and line breaks: the address would be another one than was read.
  if (/[\0- \x7f]/.test(url)) throw wrong('has a blank, a line break or another control character in it')
  if (!/^https?:\/\//i.test(url)) throw wrong('must begin with https:// (or http://)')
  let parsed: URL
  try {
    parsed = new URL(url)
  } catch {
    throw wrong('is not a valid URL')
  }
  if (parsed.username !== '' || parsed.password !== '') throw wrong('must not hold a user name or password')
  if (parsed.search !== '' || parsed.hash !== '') throw wrong('must not have a query or a fragment')
  if (parsed.protocol === 'http:' && !allowHttp && !loopback.test(parsed.hostname)) {
    throw wrong('plain http to another machine would send the key readable; use https, or set allowHttp: true')
  }
  return parsed.origin + parsed.pathname.replace(/\/+$/, '')
}
