import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Heap, type Placed } from '../../../src/streams/pool/heap.ts'

interface Item extends Placed {
  readonly value: number
}

test('gives what is in it in order, whatever was taken out before', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 50 }), fc.boolean())), (entries) => {
      const heap = new Heap<Item>((a, b) => a.value < b.value)
      const items = entries.map(([value]): Item => ({ value, place: -1 }))
      for (const item of items) heap.add(item)
      const kept = items.filter((item, index) => {
        const leaves = entries[index]?.[1] === true
        if (leaves) heap.remove(item)
        return !leaves
      })
      // What is not in it cannot be taken out.
      for (const item of items) if (!kept.includes(item)) heap.remove(item)
      const given: Array<number> = []
      for (let { first } = heap; first !== undefined; { first } = heap) {
        given.push(first.value)
        heap.remove(first)
      }
      expect(given).toEqual(kept.map(({ value }) => value).sort((a, b) => a - b))
      expect([heap.size, ...items.map(({ place }) => place)]).toEqual([0, ...items.map(() => -1)])
    }),
  )
})

test('takes nothing out for one that stands in another heap', () => {
  const before = (a: Item, b: Item): boolean => a.value < b.value
  const [one, other] = [new Heap<Item>(before), new Heap<Item>(before)]
  const [here, there]: [Item, Item] = [
    { value: 1, place: -1 },
    { value: 2, place: -1 },
  ]
  one.add(here)
  other.add(there)
  one.remove(there)
  expect([one.first, other.first, there.place]).toEqual([here, there, 0])
})
