import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import ts from 'typescript'

/** Parses a file. */
const parse = (path: string): ts.SourceFile =>
  ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.ES2022, true)

/** All modules that a file names: in imports of values and of types, in re-exports and in dynamic imports. */
export const importsOf = (path: string): ReadonlyArray<string> =>
  ts.preProcessFile(readFileSync(path, 'utf8'), true, true).importedFiles.map(({ fileName }) => fileName)

/** The groups of files that import each other in a circle, each group and all of them sorted. */
export function importCycles(files: ReadonlyArray<string>): ReadonlyArray<ReadonlyArray<string>> {
  const targets = new Map(
    files.map((file) => [file, importsOf(file).map((name) => join(dirname(file), name))] as const),
  )
  const reached = new Map(files.map((file) => [file, reachable(targets, file)] as const))
  const groups = files.map((file) =>
    files.filter((other) => reached.get(file)?.has(other) && reached.get(other)?.has(file)).sort(),
  )
  return [...new Set(groups.filter(({ length }) => length > 0).map((group) => group.join('\n')))]
    .sort()
    .map((group) => group.split('\n'))
}

/** All files to which imports lead from a file; the file itself only where it is in a circle. */
function reachable(targets: ReadonlyMap<string, ReadonlyArray<string>>, file: string): ReadonlySet<string> {
  const seen = new Set<string>(targets.get(file))
  for (const next of seen) for (const target of targets.get(next) ?? []) seen.add(target)
  return seen
}

/** The functions of a file with more lines of code than that, as `line: name (lines)`; blank lines and comments do not count. */
export function longFunctions(path: string, max: number): ReadonlyArray<string> {
  const file = parse(path)
  const found: Array<string> = []
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body) {
      const lines = codeLines(file, node)
      const line = file.getLineAndCharacterOfPosition(node.getStart()).line + 1
      if (lines > max) found.push(`${line}: ${node.name?.getText() ?? 'anonymous'} (${lines})`)
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  return found
}

/** On how many lines of a node there is a token. */
function codeLines(file: ts.SourceFile, node: ts.Node): number {
  const lines = new Set<number>()
  const visit = (part: ts.Node): void => {
    if (ts.isJSDoc(part)) return
    const children = part.getChildren(file)
    if (children.length > 0) return children.forEach(visit)
    if (part.getWidth(file) === 0) return
    const first = file.getLineAndCharacterOfPosition(part.getStart(file)).line
    const last = file.getLineAndCharacterOfPosition(part.end).line
    for (let line = first; line <= last; line++) lines.add(line)
  }
  visit(node)
  return lines.size
}

const clocks = new Set(['setTimeout', 'setInterval', 'setImmediate', 'performance', 'process', 'hrtime'])

/** True where code reads a clock, sets a timer or asks the process: all that has to come through the scheduler or options. */
function isAmbient(node: ts.Node): boolean {
  if (ts.isNewExpression(node)) return node.expression.getText() === 'Date' && !node.arguments?.length
  if (ts.isCallExpression(node)) return node.expression.getText() === 'Date'
  if (ts.isPropertyAccessExpression(node)) return node.getText() === 'Date.now'
  return ts.isIdentifier(node) && clocks.has(node.text) && !ts.isPropertyAssignment(node.parent)
}

/** Where a file reads the ambient clock, sets a timer of the platform or reads the process, as `line: code`. */
export function ambientUses(path: string): ReadonlyArray<string> {
  const file = parse(path)
  const found: Array<string> = []
  const visit = (node: ts.Node): void => {
    if (isAmbient(node)) {
      found.push(`${file.getLineAndCharacterOfPosition(node.getStart()).line + 1}: ${node.getText()}`)
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  return found
}
