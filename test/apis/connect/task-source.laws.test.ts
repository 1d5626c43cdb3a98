import { jobSourceLaws, testLaws } from 'rxjobs/testing'
import { test } from 'vitest'
import { taskService } from './task-service.ts'

testLaws(
  test,
  jobSourceLaws(() => {
    const service = taskService()
    return Promise.resolve({ ...service, source: service.pc.tasks })
  }),
)
