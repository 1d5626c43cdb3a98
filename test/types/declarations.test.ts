import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { expect, test, vi } from 'vitest'

// Two whole programs are compiled.
vi.setConfig({ testTimeout: 120_000 })

const root = fileURLToPath(new URL('../..', import.meta.url))
const entries = ['index', 'core', 'apis/genesys/index', 'apis/connect/index', 'testing/index']

/** The declarations that the build would write, by their path. */
function emitted(): ReadonlyMap<string, string> {
  const config = join(root, 'tsconfig.build.json')
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(config, (path) => ts.sys.readFile(path)).config,
    ts.sys,
    root,
  )
  const files = new Map<string, string>()
  const sources = entries.map((entry) => join(root, `src/${entry}.ts`))
  ts.createProgram(sources, { ...options, emitDeclarationOnly: true, declarationMap: false, sourceMap: false }).emit(
    undefined,
    (path, text) => files.set(path, text),
  )
  return files
}

test('the public types compile without the types of the DOM and of Node', () => {
  const files = emitted()
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2022.d.ts'],
    module: ts.ModuleKind.NodeNext,
    types: [],
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
  }
  const host = ts.createCompilerHost(options)
  const folders = new Set([...files.keys()].map((path) => dirname(path)))
  const program = ts.createProgram(
    entries.map((entry) => join(root, `dist/${entry}.d.ts`)),
    options,
    {
      ...host,
      fileExists: (path) => files.has(path) || host.fileExists(path),
      readFile: (path) => files.get(path) ?? host.readFile(path),
      directoryExists: (path) => folders.has(path) || ts.sys.directoryExists(path),
      getSourceFile: (path, language, ...rest) => {
        const text = files.get(path)
        return text === undefined
          ? host.getSourceFile(path, language, ...rest)
          : ts.createSourceFile(path, text, language)
      },
    },
  )
  const ours = program.getSourceFiles().filter(({ fileName }) => files.has(fileName))
  const wrong = ours.flatMap((file) => [
    ...program.getSyntacticDiagnostics(file),
    ...program.getSemanticDiagnostics(file),
  ])
  expect(
    wrong.map(
      ({ file, messageText }) => `${file?.fileName ?? ''}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`,
    ),
  ).toEqual([])
  expect(ours.length).toBeGreaterThan(50)
  const foreign = program
    .getSourceFiles()
    .map(({ fileName }) => fileName)
    .filter((path) => /lib\.dom|@types\/node/.test(path))
  expect(foreign).toEqual([])
})
