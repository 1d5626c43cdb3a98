import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { withAssertions } from './assertions.ts'
import { root } from './files.ts'

/** A folder outside the repository from which examples run, with the repository's packages beside them. */
export interface Workplace {
  /** Runs an example to its end, assertions included. */
  readonly run: (code: string) => Promise<void>
  readonly remove: () => Promise<void>
}

/** Makes a {@link Workplace}. */
export async function workplace(): Promise<Workplace> {
  const folder = await mkdtemp(join(tmpdir(), 'rxjobs-examples-'))
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction')
  let files = 0
  return {
    run: async (code) => {
      const file = join(folder, `example-${++files}.ts`)
      await writeFile(file, withAssertions(code).code)
      await import(/* @vite-ignore */ pathToFileURL(file).href)
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}
