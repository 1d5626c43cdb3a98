import { expect, test } from 'vitest'
import { errorAnswer, pageAnswer } from '../../../sandbox/faults/answers.ts'

test('each service words an error in its own way', () => {
  expect(JSON.parse(errorAnswer('/__api__/v1/user', 403).body)).toMatchObject({ code: 22, payload: null })
  expect(JSON.parse(errorAnswer('/api/v2/infrastructureascode/jobs', 503).body)).toMatchObject({
    code: 'service.unavailable',
    status: 503,
  })
  expect(JSON.parse(errorAnswer('/oauth/token', 500).body)).toMatchObject({ error: 'server_error' })
})

test('where it has no words there is plain text', () => {
  expect(errorAnswer('/__api__/v1/user', 429)).toMatchObject({
    contentType: expect.stringContaining('text/plain') as unknown,
    body: '429 Too Many Requests',
  })
  expect(errorAnswer('/content/x/', 599).body).toBe('599 Error')
})

test('a page is html', () => {
  expect(pageAnswer(502)).toMatchObject({ status: 502, contentType: expect.stringContaining('text/html') as unknown })
})
