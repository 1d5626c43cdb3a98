import type { Hono } from 'hono'
import { type Accelerator, accelerators } from './accelerators.ts'
import { GenesysError } from './errors.ts'
import type { GenesysEnv } from './genesys.ts'
import type { ParameterSpec } from './resources.ts'
import { Query } from './query.ts'

const base = '/api/v2/infrastructureascode/accelerators'
const sortable = ['id', 'name', 'description', 'origin', 'type', 'classification'] as const
const languages = 'ar cs da de en-US es fi fr it iw ko ja nl no pl pt-BR pt-PT sv th tr zh-CN zh-TW'.split(' ')

/** The catalogue of accelerators. */
export function acceleratorRoutes(app: Hono<GenesysEnv>): void {
  app.get('/accelerators', (c) => {
    const query = new Query((name) => c.req.query(name))
    const pageSize = query.positive('pageSize', 25)
    const pageNumber = query.positive('pageNumber', 1)
    const found = search(query)
    const pageCount = Math.ceil(found.length / pageSize)
    const uriOf = (page: number): string => {
      const url = new URL(c.req.url)
      url.searchParams.set('pageSize', String(pageSize))
      url.searchParams.set('pageNumber', String(page))
      return `${base}${url.search}`
    }
    return c.json({
      entities: found.slice((pageNumber - 1) * pageSize, pageNumber * pageSize).map(metadata),
      pageSize,
      pageNumber,
      total: found.length,
      pageCount,
      firstUri: uriOf(1),
      selfUri: uriOf(pageNumber),
      lastUri: uriOf(Math.max(pageCount, 1)),
      ...(pageNumber < pageCount ? { nextUri: uriOf(pageNumber + 1) } : {}),
      ...(pageNumber > 1 ? { previousUri: uriOf(pageNumber - 1) } : {}),
    })
  })
  app.get('/accelerators/:id', (c) => {
    new Query((name) => c.req.query(name)).oneOf('preferredLanguage', languages)
    const id = c.req.param('id')
    const found = accelerators.find((accelerator) => accelerator.id === id)
    if (found === undefined) throw new GenesysError(404, 'not.found', 'There is no such accelerator.', { entityId: id })
    return c.json(specification(found))
  })
}

function search(query: Query): ReadonlyArray<Accelerator> {
  const sortBy = query.oneOf('sortBy', sortable) ?? 'name'
  const sign = query.oneOf('sortOrder', ['asc', 'desc']) === 'desc' ? -1 : 1
  const origin = query.oneOf('origin', ['community', 'partner', 'genesys'])
  const type = query.oneOf('type', ['module', 'accelerator', 'blueprint'])
  const within = (name: string, value: string): boolean =>
    value.toLowerCase().includes((query.text(name) ?? '').toLowerCase())
  return accelerators
    .filter((one) => within('name', one.name) && within('description', one.description))
    .filter((one) => within('classification', one.classification) && within('tags', one.tags.join(',')))
    .filter((one) => origin === undefined || one.origin.toLowerCase() === origin)
    .filter((one) => type === undefined || one.type.toLowerCase() === type)
    .sort((a, b) => sign * a[sortBy].localeCompare(b[sortBy]))
}

function metadata({ id, name, description, origin, type, classification, tags }: Accelerator): object {
  return { id, name, description, origin, type, classification, tags, selfUri: `${base}/${id}` }
}

function specification(accelerator: Accelerator): object {
  const { parameters, resources, permissions, products, name, description } = accelerator
  const schema = {
    title: `Inputs of ${name}`,
    description,
    type: 'object',
    properties: parameters.map((spec) => ({ [spec.name]: property(spec) })),
    required: parameters.filter(({ required }) => required).map((spec) => spec.name),
  }
  return {
    ...metadata(accelerator),
    permissions,
    products,
    documentation: [{ description: 'What it does', location: `https://rxjobs.example/accelerators/${accelerator.id}` }],
    presentation: [{ title: name, schema }],
    results: { entities: resources.map(({ type, label }) => ({ type, description: label, visibility: 'Visible' })) },
  }
}

function property(spec: ParameterSpec): object {
  return {
    type: 'string',
    displayname: spec.name,
    description: spec.description,
    sensitive: String(spec.sensitive ?? false),
    ...(spec.default === undefined ? {} : { default: spec.default }),
    ...(spec.allowed === undefined ? {} : { enum: spec.allowed }),
  }
}
