import { readFileSync } from 'node:fs'
import ts from 'typescript'

/** Parses a file. */
const parse = (path: string): ts.SourceFile =>
  ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.ES2022, true)

/** All modules that a file names: in imports of values and of types, in re-exports and in dynamic imports. */
export const importsOf = (path: string): ReadonlyArray<string> =>
  ts.preProcessFile(readFileSync(path, 'utf8'), true, true).importedFiles.map(({ fileName }) => fileName)

const isTypeOnly = (statement: ts.Statement): boolean =>
  ts.isInterfaceDeclaration(statement) ||
  ts.isTypeAliasDeclaration(statement) ||
  (ts.isImportDeclaration(statement) && statement.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword) ||
  (ts.isExportDeclaration(statement) && statement.isTypeOnly)

/** True for a file of which nothing is left at run time. */
export const holdsOnlyTypes = (path: string): boolean => parse(path).statements.every(isTypeOnly)

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
