import { join } from 'node:path'
import ts from 'typescript'
import type { Example } from './examples.ts'
import { root } from './files.ts'

/** The project's own compiler options, as its tests are compiled. */
export function compilerOptions(): ts.CompilerOptions {
  const file = join(root, 'tsconfig.test.json')
  const { config } = ts.readConfigFile(file, (path) => ts.sys.readFile(path)) as { config: unknown }
  return ts.parseJsonConfigFileContent(config, ts.sys, root, {}, file).options
}

/** Errors of a program in one of its files, as `line: message`. */
function problems(program: ts.Program, file: ts.SourceFile): ReadonlyArray<string> {
  return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map((diagnostic) => {
    const { line } = file.getLineAndCharacterOfPosition(diagnostic.start ?? 0)
    return `line ${line + 1} of the example: ${ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n')}`
  })
}

/** Compiles examples in one program, each a module of its own, and gives what is wrong with each, by name. */
export function typeCheck(examples: ReadonlyArray<Example>): ReadonlyMap<string, ReadonlyArray<string>> {
  const options: ts.CompilerOptions = { ...compilerOptions(), moduleDetection: ts.ModuleDetectionKind.Force }
  const paths = new Map(examples.map(({ code }, index) => [join(root, 'test', `example-${index}.mts`), code]))
  const host = ts.createCompilerHost(options)
  const onDisk = host.readFile.bind(host)
  host.readFile = (path) => paths.get(path) ?? onDisk(path)
  host.fileExists = (path) => paths.has(path) || ts.sys.fileExists(path)
  host.getSourceFile = (path, languageVersion) => {
    const text = host.readFile(path)
    return text === undefined ? undefined : ts.createSourceFile(path, text, languageVersion)
  }
  const program = ts.createProgram([...paths.keys()], options, host)
  const found = [...paths.keys()].map((path) => {
    const file = program.getSourceFile(path)
    return file ? problems(program, file) : ['not compiled']
  })
  return new Map(examples.map(({ name }, index) => [name, found[index] ?? []]))
}
