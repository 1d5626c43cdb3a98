import { describe, expect, test } from 'vitest'
import { accelerators } from '../../../sandbox/genesys/accelerators.ts'
import { makePlan } from '../../../sandbox/genesys/resources.ts'
import { isObject } from '../../../sandbox/http/body.ts'
import { type Ask, genesysOf, jsonOf, sandboxes, someText } from '../support.ts'

const start = sandboxes()

describe('the catalogue', () => {
  test('each accelerator has its own id and, except the broken one, a plan', () => {
    expect(new Set(accelerators.map(({ id }) => id)).size).toBe(accelerators.length)
    const planned = accelerators.filter(({ parameters, resources }) => {
      const given = new Map(parameters.filter(({ required }) => required).map(({ name }) => [name, 'value']))
      try {
        return makePlan(parameters, resources, given).length === resources.length
      } catch {
        return false
      }
    })
    expect(accelerators.filter((one) => !planned.includes(one)).map(({ id }) => id)).toEqual(['broken-module'])
  })
})

describe('the operations', () => {
  async function idsOf(ask: Ask, query: string): Promise<unknown[]> {
    const body = await jsonOf(ask(`/accelerators${query}`))
    const entities = isObject(body) ? body['entities'] : undefined
    return Array.isArray(entities) ? entities.filter(isObject).map(({ id }) => id) : []
  }

  test('following nextUri reads the whole catalogue', async () => {
    const sandbox = await start()
    const ask = await genesysOf(sandbox)
    const found: unknown[] = []
    let uri: string | undefined = '/accelerators?pageSize=2'
    while (uri !== undefined) {
      const page = await jsonOf(ask(uri))
      expect(page).toMatchObject({
        total: accelerators.length,
        pageSize: 2,
        pageCount: Math.ceil(accelerators.length / 2),
      })
      found.push(...(await idsOf(ask, uri.replace('/accelerators', ''))))
      const next = isObject(page) ? page['nextUri'] : undefined
      uri = typeof next === 'string' ? next.replace('/api/v2/infrastructureascode', '') : undefined
    }
    expect([...found].sort()).toEqual(accelerators.map(({ id }) => id).sort())
  })

  test('one page by default; sorts and filters', async () => {
    const ask = await genesysOf(await start())
    expect(await jsonOf(ask('/accelerators'))).toMatchObject({ pageSize: 25, pageNumber: 1, pageCount: 1 })
    expect(await idsOf(ask, '?name=QUICK')).toEqual(['quick-wrapup-code'])
    expect(await idsOf(ask, '?origin=partner')).toEqual(['twin-queues'])
    expect(await idsOf(ask, '?type=module&sortBy=id&sortOrder=desc')).toEqual(['quick-wrapup-code', 'broken-module'])
    expect(await idsOf(ask, '?tags=flow')).toEqual(['support-line'])
    expect(await idsOf(ask, '?pageNumber=9')).toEqual([])
  })

  test('one accelerator has its parameters and resources', async () => {
    const ask = await genesysOf(await start())
    const body = await jsonOf(ask('/accelerators/support-line?preferredLanguage=de'))
    expect(body).toMatchObject({
      id: 'support-line',
      type: 'Accelerator',
      permissions: ['routing:queue:add', 'routing:skill:manage', 'architect:flow:add'],
    })
    expect(body).toHaveProperty('presentation.0.schema.required', ['queueName'])
    expect(body).toHaveProperty('presentation.0.schema.properties.1.language.enum', ['en-US', 'de', 'fr'])
    expect(body).toHaveProperty('results.entities.0.type', 'genesyscloud_routing_skill')
  })

  test('invalid queries are refused, an unknown accelerator is not.found', async () => {
    const ask = await genesysOf(await start())
    for (const query of ['?pageSize=0', '?origin=nobody', '?sortOrder=up', '/support-line?preferredLanguage=xx']) {
      expect(await jsonOf(ask(`/accelerators${query}`))).toMatchObject({
        status: 400,
        code: 'invalid.query.param.value',
      })
    }
    const none = await jsonOf(ask('/accelerators/none'))
    expect(none).toMatchObject({ status: 404, code: 'not.found', entityId: 'none', message: someText })
  })
})
