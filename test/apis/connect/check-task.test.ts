import { NEVER } from 'rxjs'
import { connect, thenFollowTask, thenJobs } from 'rxjobs/connect'
import { expect, test } from 'vitest'
import { checkConnect, checkFollow, checkTask } from '../../../src/apis/connect/check-task.ts'
import { refusal } from '../support.ts'

const pc = connect({ server: 'https://connect.example.com', apiKey: 'k', transport: () => NEVER })

test.each([
  [{ visit: 'yes' }, 'visit must be true or false, was "yes"'],
  [{ tag: 7 }, "tag must be a job's tag or a list of them, was 7"],
  [{ apps: 'stop' }, "apps must be 'follow' or 'leave', was \"stop\""],
  [{ deadline: 0 }, 'deadline must be a positive number of milliseconds, was 0'],
  [
    { cancelWhenLeft: true },
    'cancelWhenLeft: a task cannot be cancelled; its jobs can: thenJobs(…), thenFollow(pc.jobs, { cancelWhenLeft })',
  ],
  [{ deadine: 5 }, 'there is no option "deadine"; is "deadline" meant?'],
])('the options %o are refused', (given, words) => {
  // @ts-expect-error JavaScript has no compiler to refuse them
  expect(refusal(() => checkFollow('thenJobs', given))).toBe(`thenJobs: ${words}`)
})

test('what can be kept is taken', () => {
  const options = { visit: true, tag: ['run_app', 'build_report'], apps: 'leave', deadline: 5 } as const
  expect(() => checkTask('thenJobs', pc, { guid: 'g', bundle_id: '7' }, options)).not.toThrow()
})

test('the jobs of a client are no client', () => {
  // @ts-expect-error JavaScript has no compiler to refuse it
  const said = refusal(() => checkConnect('thenJobs', pc.jobs))
  expect(said).toBe('thenJobs: the first argument must be the client that connect(…) gives')
})

test.each([
  ['thenJobs', thenJobs],
  ['thenFollowTask', thenFollowTask],
] as const)('%s refuses at the call what can never work, in its own name', (name, operator) => {
  // @ts-expect-error JavaScript has no compiler to refuse it
  expect(refusal(() => operator(undefined, { guid: 'g' }))).toMatch(new RegExp(`^${name}: the first argument must be`))
  // @ts-expect-error JavaScript has no compiler to refuse it
  expect(refusal(() => operator(pc))).toBe(`${name}: getJobs: its parameters must be one object, { guid }, was missing`)
  expect(refusal(() => operator(pc, { guid: '..' }))).toMatch(new RegExp(`^${name}: getJobs: guid must be`))
  expect(refusal(() => operator(pc, { guid: 'g' }, { deadline: -1 }))).toMatch(new RegExp(`^${name}: deadline must be`))
})
