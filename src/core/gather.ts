/** Collects a body as text, up to a bound. */
export interface Gathered {
  /** Adds a piece; false when it would go beyond the bound, and then keeps only what fits. */
  push(bytes: Uint8Array): boolean
  text(): string
}

/** @param maxBytes the bound in bytes */
export function gather(maxBytes: number): Gathered {
  const decoder = new TextDecoder()
  let text = ''
  let size = 0
  return {
    push: (bytes) => {
      const room = maxBytes - size
      size += bytes.byteLength
      text += decoder.decode(room < bytes.byteLength ? bytes.subarray(0, Math.max(0, room)) : bytes, { stream: true })
      return size <= maxBytes
    },
    text: () => text + decoder.decode(),
  }
}
