import { randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { PlannedResource } from './plan.ts'

/** A resource that is really there: one file in the state directory. */
export interface CreatedResource {
  readonly id: string
  readonly resource: PlannedResource
}

/** What the accelerators of one job have created. */
export interface JobState {
  /** Throws when the job has a resource of that type and name already. */
  create(resource: PlannedResource): Promise<CreatedResource>
  /** Throws when the resource is protected. */
  destroy(created: CreatedResource): Promise<void>
}

/** State that every job writes to, in a directory of its own. */
export function createJobState(
  root: string,
  jobId: string,
  onChange: (address: string, there: boolean) => void,
): JobState {
  const directory = join(root, jobId)
  const fileOf = (id: string): string => join(directory, `${id}.json`)
  return {
    async create(resource) {
      await mkdir(directory, { recursive: true })
      for (const file of await readdir(directory)) {
        const other = await readFile(join(directory, file), 'utf8')
        if (other === contentOf(resource)) {
          throw new Error(`A ${resource.type} with the name "${resource.shown['name'] ?? ''}" already exists`)
        }
      }
      const id = randomUUID()
      await writeFile(fileOf(id), contentOf(resource))
      onChange(`${jobId}/${resource.address}`, true)
      return { id, resource }
    },
    async destroy({ id, resource }) {
      if (resource.protected) throw new Error(`${resource.address} is protected and cannot be destroyed`)
      await rm(fileOf(id))
      onChange(`${jobId}/${resource.address}`, false)
    },
  }
}

function contentOf({ type, attributes }: PlannedResource): string {
  return JSON.stringify({ type, name: attributes['name'] ?? '' })
}
