/** Collects a body as text, up to a bound. */
export interface Gathered {
  /** Adds a piece; false when it would go beyond the bound, and then keeps only what fits. */
  push(bytes: Uint8Array): boolean
  text(): string
}

/**
 * The bytes are put one behind the other and decoded together: a decoder that takes them piece by piece costs more than
 * all of a small body. Their own objects are not kept, because a service may send many thousand of one byte each.
 *
 * @param maxBytes the bound in bytes
 */
export function gather(maxBytes: number): Gathered {
  let held = new Uint8Array(0)
  let size = 0
  let fits = true

  function grow(least: number): void {
    const larger = new Uint8Array(Math.max(least, Math.min(2 * held.length, maxBytes)))
    larger.set(held)
    held = larger
  }

  return {
    push: (bytes) => {
      const room = maxBytes - size
      const kept = bytes.byteLength > room ? bytes.subarray(0, room) : bytes
      if (size + kept.byteLength > held.length) grow(size + kept.byteLength)
      held.set(kept, size)
      size += kept.byteLength
      fits &&= kept === bytes
      return fits
    },
    text: () => new TextDecoder().decode(held.subarray(0, size)),
  }
}
