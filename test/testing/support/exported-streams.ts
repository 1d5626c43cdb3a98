import { join } from 'node:path'
import ts from 'typescript'
import { root } from '../../docs/support/files.ts'
import { compilerOptions } from '../../docs/support/type-check.ts'

/** The names of stream types. */
const streams =
  /\b(Observable|OperatorFunction|MonoTypeOperatorFunction|AsyncIterable|TaskEither|BackpressuredObservable|Transport)\b/

/**
 * The exports of the entries that give a stream or a source of streams, by the expression that gives it: `watchJob`,
 * `connect().jobs`, `client().run`.
 */
export function exportedStreams(...entries: ReadonlyArray<string>): ReadonlyArray<string> {
  const files = entries.map((entry) => join(root, entry))
  const program = ts.createProgram(files, compilerOptions())
  const checker = program.getTypeChecker()
  const found = new Set<string>()

  const isSource = (type: ts.Type): boolean =>
    ['status', 'keyOf', 'refOf'].every((name) => checker.getApparentType(type).getProperty(name) !== undefined)
  const isStream = (type: ts.Type): boolean =>
    streams.test(checker.typeToString(type, undefined, ts.TypeFormatFlags.NoTruncation))
  const isOperator = (type: ts.Type): boolean =>
    type.getCallSignatures().some((signature) => isStream(signature.getReturnType()))

  /** Adds what a value gives when it is called, and its members. */
  function visit(name: string, type: ts.Type): void {
    if (isSource(type)) return void found.add(name)
    for (const signature of type.getCallSignatures()) {
      const given = signature.getReturnType()
      if (isStream(given) || isOperator(given) || isSource(given)) found.add(name)
      else visit(`${name}()`, given)
    }
    for (const member of type.getCallSignatures().length > 0 ? [] : checker.getPropertiesOfType(type)) {
      const file = member.declarations?.[0]?.getSourceFile().fileName ?? ''
      if (file.startsWith(join(root, 'src'))) visit(`${name}.${member.name}`, checker.getTypeOfSymbol(member))
    }
  }

  for (const path of files) {
    const file = program.getSourceFile(path)
    const module = file && checker.getSymbolAtLocation(file)
    for (const exported of module ? checker.getExportsOfModule(module) : []) {
      const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported
      if (symbol.flags & ts.SymbolFlags.Value) visit(exported.name, checker.getTypeOfSymbol(symbol))
    }
  }
  return [...found].sort()
}
