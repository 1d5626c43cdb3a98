import { of } from 'rxjs'
import { type TaskRef, thenFollowTask } from 'rxjobs/connect'
import { streamLaws, testLaws } from 'rxjobs/testing'
import { test } from 'vitest'
import { taskService } from './task-service.ts'

// Law 2 is for one job; this stream follows a task and its job, each as it says.
const laws = streamLaws(() => {
  const { pc, ...service } = taskService()
  return Promise.resolve({
    ...service,
    stream: ({ taskId }: TaskRef, options) => of({ task_id: taskId }).pipe(thenFollowTask(pc, { guid: 'g' }, options)),
  })
})

testLaws(
  test,
  laws.filter(({ name }) => !name.startsWith('law 2:')),
)
