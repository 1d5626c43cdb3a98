import { expect, test } from 'vitest'
import { bundleOf, connectOf, field, jsonOf, post, sandboxes, until, upload } from '../support.ts'

const start = sandboxes()

test('hands out the output from a line on, and waits for the end', async () => {
  const sandbox = await start()
  const ask = connectOf(sandbox)
  const script = 'pwd; while [ ! -e go ]; do sleep 0.01; done; echo two'
  const { guid } = await upload(ask, await bundleOf('quarto-static', 'r.sh', { 'r.sh': script }))
  const id = field(await jsonOf(ask(`/v1/content/${guid}/deploy`, post({}))), 'task_id')
  const read = (query: string): Promise<unknown> => jsonOf(ask(`/v1/tasks/${id}${query}`))
  const early = await until(
    () => read(''),
    (task) => JSON.stringify(task).includes('work-'),
  )
  expect(early).toMatchObject({ finished: false, code: 0, error: '', result: null })
  const waiting = read('?first=3&wait=20')
  await sandbox.connect.start({ command: ['touch', `${directoryOf(early)}/go`] })
  expect(await waiting).toMatchObject({ finished: true, output: ['two', 'Deployed.'], last: 5 })
  expect(await read('?first=4&wait=1')).toMatchObject({ output: ['Deployed.'], last: 5 })
})

test('on a cluster the node that started a task has it, and no other; a task that nobody has is code 141, too', async () => {
  const ask = connectOf(await start({ connect: { cluster: true } }))
  const { guid } = await upload(ask, await bundleOf('static', 'a.html', { 'a.html': '' }))
  const answer = await ask(`/v1/content/${guid}/deploy`, post({}))
  const id = field(await answer.json(), 'task_id')
  const cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  expect(await jsonOf(ask(`/v1/tasks/${id}?wait=5`, { headers: { cookie } }))).toMatchObject({ finished: true })
  const inTurn = [await ask(`/v1/tasks/${id}`), await ask(`/v1/tasks/${id}`), await ask(`/v1/tasks/${id}`)]
  expect(inTurn.map(({ status }) => status)).toEqual([404, 200, 404])
  expect(await inTurn[0]?.json()).toMatchObject({ code: 141 })
  const nobodys = await ask('/v1/tasks/any', { headers: { cookie } })
  expect([nobodys.status, await nobodys.json()]).toMatchObject([404, { code: 141 }])
})

test.each(['?wait=21', '?wait=x', '?first=-1', '?first=1.5'])('%s is code 25', async (query) => {
  const answer = await connectOf(await start())(`/v1/tasks/any${query}`)
  expect([answer.status, await answer.json()]).toMatchObject([400, { code: 25 }])
})

test('no such task is code 4', async () => {
  const answer = await connectOf(await start())('/v1/tasks/any')
  expect([answer.status, await answer.json()]).toMatchObject([404, { code: 4 }])
})

/** Where the bundle's script runs, as it printed it. */
function directoryOf(task: unknown): string {
  return /"(\/[^"]*work-\w+)"/.exec(JSON.stringify(task))?.[1] ?? ''
}
