import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const written = join(root, 'test/types/written.ts')

/** What an editor knows of a program, which has a bar where the cursor stands. */
export interface Editor {
  /** The names that it offers there. */
  readonly offered: (program: string) => ReadonlyArray<string>
  /** What it shows of the name there. */
  readonly hover: (program: string) => string
  /** What it says is wrong. */
  readonly mistakes: (program: string) => ReadonlyArray<string>
  readonly close: () => void
}

/** Opens an editor. The types are read once, whatever is written. */
export function openEditor(): Editor {
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path)).config,
    ts.sys,
    root,
  )
  let program = ''
  let version = 0
  const text = (path: string): string | undefined =>
    path === written ? program.replace('|', '') : ts.sys.readFile(path)
  const service = ts.createLanguageService({
    getCompilationSettings: () => ({ ...options, isolatedDeclarations: false, declaration: false }),
    getScriptFileNames: () => [written],
    getScriptVersion: (path) => (path === written ? String(version) : '1'),
    getScriptSnapshot: (path) => {
      const found = text(path)
      return found === undefined ? undefined : ts.ScriptSnapshot.fromString(found)
    },
    getCurrentDirectory: () => root,
    getDefaultLibFileName: (settings) => ts.getDefaultLibFilePath(settings),
    fileExists: (path) => path === written || ts.sys.fileExists(path),
    readFile: text,
    directoryExists: (path) => path === dirname(written) || ts.sys.directoryExists(path),
  })
  const at = (next: string): number => {
    program = next
    version++
    return next.indexOf('|')
  }
  return {
    offered: (next) => {
      const entries = service.getCompletionsAtPosition(written, at(next), {})?.entries ?? []
      return entries.map(({ name }) => name).sort()
    },
    hover: (next) =>
      ts.displayPartsToString(service.getQuickInfoAtPosition(written, at(next))?.displayParts).replaceAll(/\s+/g, ' '),
    mistakes: (next) => {
      at(next)
      return [...service.getSyntacticDiagnostics(written), ...service.getSemanticDiagnostics(written)].map(
        ({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'),
      )
    },
    close: () => service.dispose(),
  }
}
