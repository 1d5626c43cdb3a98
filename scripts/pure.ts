import { readFile } from 'node:fs/promises'
import type { Plugin } from 'esbuild'
import ts from 'typescript'

/** The positions of the calls that initialize a module's constants. */
function callsIn(file: ts.SourceFile, node: ts.Node): ReadonlyArray<number> {
  if (ts.isFunctionLike(node) || ts.isClassLike(node)) return []
  const inside: Array<number> = []
  ts.forEachChild(node, (child) => void inside.push(...callsIn(file, child)))
  return ts.isCallExpression(node) || ts.isNewExpression(node) ? [node.getStart(file), ...inside] : inside
}

/** True for what a bundler must take for a side effect, because a getter could run: a spread, a property that is read. */
function mayRunGetter(node: ts.Node): boolean {
  if (ts.isFunctionLike(node) || ts.isClassLike(node) || ts.isTypeNode(node)) return false
  if (ts.isCallExpression(node) || ts.isNewExpression(node)) return node.arguments?.some(mayRunGetter) ?? false
  const isRead = ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node)
  if (isRead || ts.isSpreadAssignment(node) || ts.isSpreadElement(node)) return true
  return ts.forEachChild(node, mayRunGetter) ?? false
}

const pureMark = '/* @__PURE__ */ '

/** What to insert, and where. */
type Insertion = readonly [position: number, text: string]

function insertionsFor(file: ts.SourceFile, initializer: ts.Expression): ReadonlyArray<Insertion> {
  // A chain of calls begins where its first call begins.
  const calls = [...new Set(callsIn(file, initializer))].map((position): Insertion => [position, pureMark])
  if (!mayRunGetter(initializer)) return calls
  return [[initializer.getStart(file), `${pureMark}(() => (`], ...calls, [initializer.end, '))()']]
}

/** Marks the code that initializes each constant as free of side effects. */
export function annotated(path: string, code: string): string {
  const file = ts.createSourceFile(path, code, ts.ScriptTarget.ES2022)
  const constants = file.statements.filter(ts.isVariableStatement)
  const insertions = constants
    .flatMap(({ declarationList }) => declarationList.declarations)
    .flatMap(({ initializer }) => (initializer === undefined ? [] : insertionsFor(file, initializer)))
    .sort(([a], [b]) => a - b)
  let end = 0
  const parts = insertions.map(([position, text]) => {
    const before = code.slice(end, position)
    end = position
    return before + text
  })
  return parts.join('') + code.slice(end)
}

/** Says of each constant what `sideEffects: false` in package.json says of files: bundlers drop it where it is not used. */
export const pure: Plugin = {
  name: 'pure',
  setup(build) {
    build.onLoad({ filter: /\/src\/.*\.ts$/ }, async ({ path }) => ({
      contents: annotated(path, await readFile(path, 'utf8')),
      loader: 'ts',
    }))
  },
}
