import type { Authorizer } from './auth.ts'
import { credentials, redact } from './redact.ts'
import type { Headers } from './transport.ts'

/**
 * What takes our secrets out of the texts of an exchange: those that the authorizer tells when a text comes, and those
 * that were sent, because an Auth may renew its secrets meanwhile, or not tell them all. Of one that fails to tell them
 * no text is safe, and none is given.
 */
export function cleaner(authorizer: Authorizer, sent: Headers): (text: string) => string {
  return (text) => {
    try {
      return redact(text, [...authorizer.secrets(), ...credentials(sent)])
    } catch {
      return '[secret]'
    }
  }
}
