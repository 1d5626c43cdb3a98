import { expect, test } from 'vitest'
import { JobLog, type LogEntry } from '../../../sandbox/connect/log.ts'

function entry(index: number): LogEntry {
  return { source: index % 3 === 0 ? 'stderr' : 'stdout', timestamp: `t${index}`, data: `line "${index}"\té` }
}

function logWith(count: number): { log: JobLog; all: LogEntry[] } {
  const all = Array.from({ length: count }, (_, index) => entry(index))
  const log = new JobLog()
  log.append(all)
  return { log, all }
}

test.each([0, 1, 511, 512, 513, 1024, 2000])('%d entries come back as any range of them', (count) => {
  const { log, all } = logWith(count)
  expect(log.length).toBe(count)
  const ends = [0, 1, 500, 511, 512, 513, 1023, 1024, count, count + 5]
  for (const from of ends) for (const to of ends) expect(log.entries(from, to)).toEqual(all.slice(from, to))
})

test('texts are the JSON of the entries, an entry with newlines included', () => {
  const log = new JobLog()
  const odd: LogEntry = { source: 'stdout', timestamp: '', data: 'a\nb\r\n' }
  log.append([odd])
  for (let index = 0; index < 600; index += 1) log.append([entry(index)])
  expect(log.texts(0, 1)).toEqual([JSON.stringify(odd)])
  expect(log.entries(0, 1)).toEqual([odd])
})

test('listeners hear of each append and of the close, until they stop', () => {
  const log = new JobLog()
  const heard: string[] = []
  const stop = log.listen(() => heard.push(`${log.length}${log.closed ? ' closed' : ''}`))
  log.append([entry(0), entry(1)])
  log.append([entry(2)])
  log.close()
  stop()
  log.append([entry(3)])
  expect(heard).toEqual(['2', '3', '3 closed'])
})

test('a million lines stay out of the heap, and the last of them are read at once', () => {
  const log = new JobLog()
  const batch = Array.from({ length: 10_000 }, (_, index) => entry(index))
  const before = process.memoryUsage().heapUsed
  for (let round = 0; round < 100; round += 1) log.append(batch)
  expect(log.length).toBe(1_000_000)
  expect(log.entries(999_000, 1_000_000)).toEqual(batch.slice(-1000))
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(100 << 20)
})
