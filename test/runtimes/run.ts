// Runs every example on a runtime, against a sandbox that it starts itself:
//
//   npx tsx test/runtimes/run.ts deno <path of the binary>
//   npx tsx test/runtimes/run.ts bun <path of the binary>
//   npx tsx test/runtimes/run.ts node <path of the binary>
//
// They run on the sources; with a folder behind the binary that has examples/ and the built package in it, on that.
// Exits with 1 when one of them does not print what it must.
import { startSandbox } from 'rxjobs/sandbox'
import { cases } from '../examples/cases.ts'
import { faultOf, type Runtime, runExample } from '../examples/run-example.ts'

function runtimeOf([name, binary, folder]: ReadonlyArray<string | undefined>): Runtime | undefined {
  if (name !== 'node' && name !== 'deno' && name !== 'bun') return undefined
  return { name, binary: binary ?? name, ...(folder === undefined ? {} : { folder }) }
}

async function runAll(runtime: Runtime): Promise<boolean> {
  const sandbox = await startSandbox()
  let good = true
  for (const example of cases) {
    const began = performance.now()
    const run = await runExample(runtime, example, await example.prepare(sandbox))
    const fault = faultOf(example, run)
    const seconds = ((performance.now() - began) / 1000).toFixed(1)
    const on = runtime.folder === undefined ? 'sources' : 'package'
    console.log(`${runtime.name}  ${on}  ${example.file}  ${seconds} s  ${fault ?? 'ok'}`)
    if (fault !== undefined) console.log(`stdout:\n${run.stdout}\nstderr:\n${run.stderr}`)
    good &&= fault === undefined
  }
  await sandbox.close()
  return good
}

const runtime = runtimeOf(process.argv.slice(2))
if (runtime === undefined) console.error('Usage: tsx test/runtimes/run.ts node|deno|bun [path of the binary [folder]]')
process.exitCode = runtime !== undefined && (await runAll(runtime)) ? 0 : 1
