import { randomUUID } from 'node:crypto'
import type { Bundle } from './bundle.ts'
import { ConnectError } from './errors.ts'

/** One piece of content with its bundles. */
export interface Content {
  readonly id: number
  readonly guid: string
  readonly createdTime: string
  readonly bundles: Bundle[]
  /** The key of its variant, which stays the same. */
  readonly variantKey: string
  /** What its jobs get beside their own environment variables. */
  readonly environment: Map<string, string>
  name: string
  title: string
  description: string
  /** The bundle that is deployed. */
  active: Bundle | undefined
  lastDeployedTime: string
}

const namePattern = /^[\w.-]{3,64}$/

/** All content of the server. */
export class Contents {
  readonly #byGuid = new Map<string, Content>()
  #lastId = 0

  /** Throws code 5 for an invalid name and code 26 for one that is taken. */
  create(
    { guid = randomUUID(), name, title }: { readonly guid?: string; readonly name: string; readonly title: string },
    at: string,
  ): Content {
    this.#checkName(name)
    this.#lastId += 1
    const content: Content = {
      id: this.#lastId,
      guid,
      createdTime: at,
      bundles: [],
      variantKey: randomUUID().slice(0, 8),
      environment: new Map(),
      name,
      title,
      description: '',
      active: undefined,
      lastDeployedTime: at,
    }
    this.#byGuid.set(guid, content)
    return content
  }

  /** Throws as `create` does. */
  rename(content: Content, name: string): void {
    if (name !== content.name) this.#checkName(name)
    content.name = name
  }

  delete({ guid }: Content): void {
    this.#byGuid.delete(guid)
  }

  /** Throws code 4 when there is none. */
  byGuid(guid: string): Content {
    return existing(this.find(guid))
  }

  /** Throws code 4 when there is none. */
  byId(id: string): Content {
    return existing([...this.#byGuid.values()].find((content) => String(content.id) === id))
  }

  find(guid: string): Content | undefined {
    return this.#byGuid.get(guid)
  }

  /** The content of that name; all content without a name. */
  named(name?: string): ReadonlyArray<Content> {
    return [...this.#byGuid.values()].filter((content) => name === undefined || content.name === name)
  }

  #checkName(name: string): void {
    if (!namePattern.test(name)) throw new ConnectError(5)
    if (this.named(name).length > 0) throw new ConnectError(26)
  }
}

function existing(content: Content | undefined): Content {
  if (content === undefined) throw new ConnectError(4)
  return content
}
