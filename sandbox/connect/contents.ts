import { randomUUID } from 'node:crypto'
import type { Bundle } from './bundle.ts'
import { ConnectError } from './errors.ts'

/** One piece of content and what was uploaded for it. */
export interface Content {
  readonly id: number
  readonly guid: string
  readonly createdTime: string
  readonly bundles: Bundle[]
  name: string
  title: string
  description: string
  /** The bundle that is deployed. */
  active: Bundle | undefined
  lastDeployedTime: string
}

export interface Contents {
  /** Throws code 5 for a name that cannot be one and code 26 for one that is taken. */
  create(fields: { readonly guid?: string; readonly name: string; readonly title: string }, at: string): Content
  /** Throws as create does. */
  rename(content: Content, name: string): void
  /** Throws code 4 when there is none. */
  byGuid(guid: string): Content
  byId(id: string): Content
  find(guid: string): Content | undefined
  named(name?: string): ReadonlyArray<Content>
}

const namePattern = /^[\w-]{3,64}$/

export function createContents(): Contents {
  const byGuid = new Map<string, Content>()
  const must = (content: Content | undefined): Content => {
    if (content === undefined) throw new ConnectError(4)
    return content
  }
  const named = (name?: string): ReadonlyArray<Content> =>
    [...byGuid.values()].filter((content) => name === undefined || content.name === name)
  const checkName = (name: string): void => {
    if (!namePattern.test(name)) throw new ConnectError(5)
    if (named(name).length > 0) throw new ConnectError(26)
  }
  return {
    create({ guid = randomUUID(), name, title }, at) {
      checkName(name)
      const content: Content = {
        id: byGuid.size + 1,
        guid,
        createdTime: at,
        bundles: [],
        name,
        title,
        description: '',
        active: undefined,
        lastDeployedTime: at,
      }
      byGuid.set(guid, content)
      return content
    },
    rename(content, name) {
      if (name !== content.name) checkName(name)
      content.name = name
    },
    byGuid: (guid) => must(byGuid.get(guid)),
    byId: (id) => must([...byGuid.values()].find((content) => String(content.id) === id)),
    find: (guid) => byGuid.get(guid),
    named,
  }
}
