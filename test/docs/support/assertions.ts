import ts from 'typescript'

const claim = /^[ \t]*\/\/ => (.*)$/

/** The value that a comment behind a statement claims for it: `expression // => value`. */
function claimed(file: ts.SourceFile, statement: ts.Statement): string | undefined {
  const [line] = file.text.slice(statement.end).split('\n', 1)
  return claim.exec(line ?? '')?.[1]
}

/** What is claimed about: an expression statement's expression, a single constant's name. */
function subject(file: ts.SourceFile, statement: ts.Statement): string | undefined {
  if (ts.isExpressionStatement(statement)) return statement.expression.getText(file)
  const [only, ...more] = ts.isVariableStatement(statement) ? statement.declarationList.declarations : []
  return only && more.length === 0 && ts.isIdentifier(only.name) ? only.name.text : undefined
}

/**
 * Turns each `expression // => value` of an example into an assertion, which `deepStrictEqual` of node:assert makes.
 *
 * @throws Error for such a comment that stands behind no statement: it would claim something and check nothing
 */
export function withAssertions(code: string): { readonly code: string; readonly assertions: number } {
  const file = ts.createSourceFile('example.ts', code, ts.ScriptTarget.ES2022, true)
  const wanted = code.match(/\/\/ =>/g)?.length ?? 0
  let assertions = 0
  const statements = file.statements.map((statement) => {
    const text = statement.getFullText(file)
    const value = claimed(file, statement)
    const about = subject(file, statement)
    if (value === undefined || about === undefined) return text
    assertions++
    const assertion = `;__equal(${about}, (${value}\n));`
    return ts.isExpressionStatement(statement) ? leading(file, statement) + assertion : text + assertion
  })
  if (assertions !== wanted) throw new Error(`${wanted - assertions} of its "// =>" stand behind no statement`)
  const imports = `import { deepStrictEqual as __equal } from 'node:assert/strict'\n`
  return { code: `${imports}${statements.join('')}\nexport {}\n`, assertions }
}

/** What stands before a statement: blank lines and comments. */
const leading = (file: ts.SourceFile, statement: ts.Statement): string =>
  file.text.slice(statement.getFullStart(), statement.getStart(file))
