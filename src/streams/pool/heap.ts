/** What can stand in a heap. */
export interface Placed {
  /** Its index in the heap that it stands in; -1 where it stands in none. */
  place: number
}

/** A binary heap whose elements know where they are, so that any of them can be taken out in O(log n). */
export class Heap<A extends Placed> {
  readonly #items: Array<A> = []
  readonly #before: (a: A, b: A) => boolean

  constructor(before: (a: A, b: A) => boolean) {
    this.#before = before
  }

  get first(): A | undefined {
    return this.#items[0]
  }

  get size(): number {
    return this.#items.length
  }

  add(item: A): void {
    item.place = this.#items.length
    this.#items.push(item)
    this.#rise(item)
  }

  /** Takes an element out, if it is in this heap. */
  remove(item: A): void {
    const { place } = item
    if (this.#items[place] !== item) return
    item.place = -1
    const last = this.#items.pop()
    if (last === undefined || last === item) return
    this.#put(last, place)
    this.#rise(last)
    this.#sink(last)
  }

  #put(item: A, place: number): void {
    this.#items[place] = item
    item.place = place
  }

  #swap(a: A, b: A): void {
    const { place } = a
    this.#put(a, b.place)
    this.#put(b, place)
  }

  #rise(item: A): void {
    while (item.place > 0) {
      const parent = this.#items[(item.place - 1) >> 1]
      if (parent === undefined || !this.#before(item, parent)) return
      this.#swap(item, parent)
    }
  }

  #sink(item: A): void {
    for (;;) {
      const left = this.#items[2 * item.place + 1]
      const right = this.#items[2 * item.place + 2]
      if (left === undefined) return
      const child = right !== undefined && this.#before(right, left) ? right : left
      if (!this.#before(child, item)) return
      this.#swap(item, child)
    }
  }
}
