import { NEVER, of } from 'rxjs'
import { connect, type Deploy } from 'rxjobs/connect'
import { expect, test } from 'vitest'
import { checkDeploy } from '../../../src/apis/connect/check-deploy.ts'
import { refusal } from '../support.ts'

const pc = connect({ server: 'https://connect.example.com', apiKey: 'k', transport: () => NEVER })
const bytes = Uint8Array.of(1)

test.each<[what: string, deploy: object, words: RegExp]>([
  ['no archive', { name: 'n' }, /^deployAndFollow: archive must be a Uint8Array .*, was missing$/],
  ['an empty archive', { name: 'n', archive: new Uint8Array() }, /^deployAndFollow: archive must be .* not empty/],
  ['a path', { name: 'n', archive: 'bundle.tar.gz' }, /^deployAndFollow: archive must be .*, was a string$/],
  ['an object', { name: 'n', archive: { path: 'x' } }, /, was an object with the keys \["path"\]$/],
  ['no name', { archive: bytes }, /^deployAndFollow: createContent: name must be/],
  ['no guid', { guid: '', archive: bytes }, /^deployAndFollow: getJobs: guid must be/],
])('%s is refused before anything is made', (_, deploy, words) => {
  // @ts-expect-error JavaScript has no compiler to refuse it
  const given: Deploy = deploy
  expect(refusal(() => checkDeploy(pc, given, {}))).toMatch(words)
})

test.each<[what: string, archive: Deploy['archive']]>([
  ['bytes', bytes],
  ['a Blob', new Blob([bytes])],
  ['an Observable', of(bytes)],
  ['an array of pieces', [bytes]],
  ['a promise of one piece', Promise.resolve(bytes)],
  ['a web stream', new ReadableStream<Uint8Array>()],
])('%s will do', (_, archive) => {
  expect(() => checkDeploy(pc, { name: 'n', archive }, { apps: 'leave', maxBundleBytes: 5 })).not.toThrow()
})

test('client and options are looked at first', () => {
  // @ts-expect-error JavaScript has no compiler to refuse it
  expect(refusal(() => checkDeploy(pc.jobs, {}, {}))).toMatch(/^deployAndFollow: the first argument must be the client/)
  expect(refusal(() => checkDeploy(pc, { name: 'n', archive: bytes }, { deadline: 0 }))).toMatch(
    /^deployAndFollow: dead/,
  )
})
