import type { Project } from './project.ts'
import { run } from './shell.ts'

/** Checks that a stack leads to the sources where source maps are on. */
export function stacks({ folder }: Project): ReadonlyArray<string> {
  const code = `import { connect } from 'rxjobs/connect'
    try { connect({ server: 'no address', apiKey: 'a-key' }) } catch ({ stack }) { console.log(stack) }`
  const stack = run(folder, process.execPath, '--enable-source-maps', '--input-type=module', '--eval', code)
  return stack.includes('/rxjobs/src/core/') ? [] : [`a stack does not lead to the sources:\n${stack}`]
}
