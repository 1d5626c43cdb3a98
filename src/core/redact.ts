/** Takes secrets out of a text that a service sent, which may echo what it was sent. */
export function redact(text: string, secrets: ReadonlyArray<string>): string {
  return secrets.reduce((clean, secret) => (secret === '' ? clean : clean.replaceAll(secret, '[secret]')), text)
}
