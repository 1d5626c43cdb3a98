import { expect, test } from 'vitest'
import { targetsOf } from '../../demo/targets.ts'

const connect = { CONNECT_SERVER: 'https://connect.example', CONNECT_API_KEY: 'a-key', CONNECT_CONTENT_GUID: 'a-guid' }
const genesys = {
  GENESYS_HOST: 'mypurecloud.de',
  GENESYS_CLIENT_ID: 'id',
  GENESYS_CLIENT_SECRET: 'secret',
  GENESYS_ACCELERATOR_ID: 'acc',
}

test('without variables, or with empty ones, there are no targets', () => {
  expect(targetsOf({})).toEqual({ connect: undefined, genesys: undefined })
  expect(targetsOf({ CONNECT_SERVER: '', GENESYS_HOST: '' })).toEqual({ connect: undefined, genesys: undefined })
})

test('a job on Connect: the one with that key, or the newest', () => {
  const target = { server: 'https://connect.example', apiKey: 'a-key', guid: 'a-guid' }
  expect(targetsOf(connect).connect).toEqual({ ...target, key: undefined })
  expect(targetsOf({ ...connect, CONNECT_JOB_KEY: 'a-job' }).connect).toEqual({ ...target, key: 'a-job' })
})

test('an accelerator on Genesys: by host or base URL, with parameters', () => {
  const target = { clientId: 'id', clientSecret: 'secret', input: { acceleratorId: 'acc', parameters: [] } }
  expect(targetsOf(genesys).genesys).toEqual({ ...target, place: { host: 'mypurecloud.de' } })
  expect(targetsOf({ ...genesys, GENESYS_HOST: '', GENESYS_BASE_URL: 'http://localhost:1' }).genesys).toEqual({
    ...target,
    place: { baseUrl: 'http://localhost:1' },
  })
  const parameters = [
    { name: 'queueName', value: 'Spring sale' },
    { name: 'language', value: 'de' },
  ]
  const env = { ...genesys, GENESYS_PARAMETERS: 'queueName=Spring+sale&language=de' }
  expect(targetsOf(env).genesys?.input.parameters).toEqual(parameters)
})

test('targets on both services', () => {
  expect(targetsOf({ ...connect, ...genesys })).toMatchObject({
    connect: { guid: 'a-guid' },
    genesys: { clientId: 'id' },
  })
})

test.each([
  [{ ...connect, CONNECT_API_KEY: '' }, 'Posit Connect, set CONNECT_API_KEY as well: there is only CONNECT_SERVER and'],
  [{ CONNECT_SERVER: 'https://connect.example' }, 'set CONNECT_API_KEY and CONNECT_CONTENT_GUID as well'],
  [{ CONNECT_JOB_KEY: 'a-job' }, 'set CONNECT_SERVER and CONNECT_API_KEY and CONNECT_CONTENT_GUID as well'],
  [{ ...genesys, GENESYS_HOST: undefined }, 'Genesys Cloud, set GENESYS_HOST as well'],
  [{ GENESYS_BASE_URL: 'http://localhost:1' }, 'set GENESYS_CLIENT_ID and GENESYS_CLIENT_SECRET and'],
])('names the missing variables: %o', (env, message) => {
  expect(() => targetsOf(env)).toThrow(message)
})
