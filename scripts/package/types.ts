import { copyFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import ts from 'typescript'
import type { Project } from './project.ts'
import { root } from '../shell.ts'

const resolutions = {
  nodenext: { module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext },
  bundler: { module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler },
} as const

const strict: ts.CompilerOptions = {
  noEmit: true,
  strict: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: false,
  target: ts.ScriptTarget.ES2022,
  lib: ['lib.es2022.d.ts'],
}

/** Puts a file of the consumer program into the project, under a name that makes it an ES module or CommonJS. */
function place({ folder }: Project, name: string, kind: 'mts' | 'cts'): string {
  const file = join(folder, name.replace(/\.ts$/, `.${kind}`))
  copyFileSync(join(root, 'test', 'package', 'consumer', name), file)
  return file
}

/** Errors in the consumer's files and in ours, not in those of other packages. */
function errors({ folder, installed }: Project, program: ts.Program): ReadonlyArray<string> {
  return ts
    .getPreEmitDiagnostics(program)
    .filter(({ file }) => !file?.fileName.includes('/node_modules/') || file.fileName.startsWith(installed))
    .map(({ file, start, messageText }) => {
      const line = (file?.getLineAndCharacterOfPosition(start ?? 0).line ?? 0) + 1
      return `${relative(folder, file?.fileName ?? folder)}:${line} ${ts.flattenDiagnosticMessageText(messageText, '\n')}`
    })
}

/** Files that our declarations must not bring into a program. */
const leaks = (program: ts.Program): ReadonlyArray<string> =>
  program
    .getSourceFiles()
    .map(({ fileName }) => fileName)
    .filter((name) => /\/lib\.dom\b|\/@types\/|\/cross-fetch\/|\/node-fetch\//.test(name))
    .map((name) => `${name} is in the program`)

/** Compiles the consumer with each module resolution, without lib.dom and without the types of Node. */
export function bareTypes(project: Project): ReadonlyArray<string> {
  return Object.entries(resolutions).flatMap(([name, resolution]) =>
    (['mts', 'cts'] as const).flatMap((kind) => {
      const program = ts.createProgram([place(project, 'consumer.ts', kind)], { ...strict, ...resolution, types: [] })
      return [...errors(project, program), ...leaks(program)].map((problem) => `${name}, ${kind}: ${problem}`)
    }),
  )
}

/** Compiles the program that starts a sandbox; it is for Node, with Node's types. Gives its JavaScript, too. */
export function sandboxTypes(project: Project): ReadonlyArray<string> {
  const file = place(project, 'sandbox.ts', 'mts')
  const options = { ...strict, ...resolutions.nodenext, noEmit: false, types: ['node'], typeRoots: typeRoots(project) }
  const program = ts.createProgram([file], options)
  program.emit()
  return errors(project, program)
}

const typeRoots = ({ folder }: Project): Array<string> => [join(folder, 'node_modules', '@types')]
