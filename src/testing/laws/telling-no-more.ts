import { isFinal } from '../../streams/index.ts'
import { type Checks, streamOf, withFresh } from '../checks.ts'
import { type AnyStatus, isSettled, isStatus } from '../elements.ts'
import { hold, judge } from '../law.ts'
import { reveals } from '../reveals.ts'

const text = (value: unknown): string => JSON.stringify([value]).slice(1, -1)

/** Nothing after the end of a job, no status that says the same again. */
function holdChanges(values: ReadonlyArray<unknown>): void {
  const last = new Map<string, AnyStatus>()
  const settled = new Set<string>()
  for (const value of values) {
    if (isSettled(value)) settled.add(text(value.ref))
    if (!isStatus(value)) continue
    const key = text(value.ref)
    const before = last.get(key)
    hold(!settled.has(key), () => `job ${key}: a status after the job was settled`)
    hold(before === undefined || !isFinal(before.phase), () => `job ${key}: a status after the final one`)
    const news = before?.phase !== value.phase || text(before.job) !== text(value.job)
    hold(before === undefined || news, () => `job ${key}: the status ${value.phase} was told twice`)
    last.set(key, value)
  }
}

/** Law 10, by all that a stream gives: values, errors, what it tells of its connections. */
export const tellingNoMore: Checks = {
  name: 'law 10: nothing after the end, nothing without a change, no secret',

  ofStream: (setup) =>
    withFresh(setup, async (service) => {
      const stream = streamOf(service)
      const { values, end } = await stream.subscribe().run()
      holdChanges(values)
      const { secrets, missing } = service
      judge(secrets !== undefined && secrets.length > 0, 'no `secrets` were given')
      const refused = missing === undefined ? undefined : (await streamOf(service, missing).subscribe().run()).end
      const shown = reveals([values, end, stream.connections, refused], secrets)
      hold(shown.length === 0, () => `${shown.length} of the secrets can be seen in what it gives`)
    }),

  ofSource: (setup) =>
    withFresh(setup, ({ source, ref, secrets }) => {
      judge(secrets !== undefined && secrets.length > 0, 'no `secrets` were given')
      const shown = reveals([source, source.keyOf(ref)], secrets)
      hold(shown.length === 0, () => `${shown.length} of the secrets can be seen in the source`)
      return Promise.resolve()
    }),
}
