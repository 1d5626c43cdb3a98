import { join } from 'node:path'
import ts from 'typescript'
import { fromRoot, root } from './files.ts'
import { compilerOptions } from './type-check.ts'

/** Something that a package entry exports. */
export interface Exported {
  /** As in `watchJob (src/streams/watch-job.ts)`. */
  readonly name: string
  readonly kind: 'function' | 'class' | 'constant' | 'type'
  readonly documented: boolean
  readonly hasExample: boolean
}

/** Everything that some entries of the package export, once each. */
export function surface(...entries: ReadonlyArray<string>): ReadonlyArray<Exported> {
  const files = entries.map((entry) => join(root, entry))
  const program = ts.createProgram(files, compilerOptions())
  const checker = program.getTypeChecker()
  const found = new Set<ts.Symbol>()
  for (const path of files) {
    const file = program.getSourceFile(path)
    const module = file && checker.getSymbolAtLocation(file)
    for (const symbol of module ? checker.getExportsOfModule(module) : []) {
      found.add(symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol)
    }
  }
  return Array.from(found, (symbol) => exported(checker, symbol))
}

function exported(checker: ts.TypeChecker, symbol: ts.Symbol): Exported {
  const declaration = symbol.valueDeclaration ?? symbol.declarations?.[0]
  return {
    name: `${symbol.name} (${declaration ? fromRoot(declaration.getSourceFile().fileName) : 'nowhere'})`,
    kind: kindOf(checker, symbol),
    documented: ts.displayPartsToString(symbol.getDocumentationComment(checker)).trim() !== '',
    hasExample: symbol.getJsDocTags(checker).some(({ name }) => name === 'example'),
  }
}

function kindOf(checker: ts.TypeChecker, symbol: ts.Symbol): Exported['kind'] {
  if (!(symbol.flags & ts.SymbolFlags.Value)) return 'type'
  if (symbol.flags & ts.SymbolFlags.Class) return 'class'
  return checker.getTypeOfSymbol(symbol).getCallSignatures().length > 0 ? 'function' : 'constant'
}
