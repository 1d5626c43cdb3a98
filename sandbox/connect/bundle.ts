import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, extname, join, resolve, sep } from 'node:path'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { parseTar } from 'nanotar'
import { isObject, parseObject } from '../http/body.ts'
import type { Command } from '../process/process.ts'
import { ConnectError } from './errors.ts'

/** What a bundle's manifest.json says that matters here. */
export interface Manifest {
  readonly appMode: string
  /** '' when it names none. */
  readonly entrypoint: string
}

/** An uploaded bundle, unpacked. */
export interface Bundle extends Manifest {
  readonly id: number
  readonly createdTime: string
  /** The directory of its files. */
  readonly directory: string
  /** Bytes as uploaded. */
  readonly size: number
}

/** The archive of an upload: the body, or the part `archive` of a form. Throws code 135 for a form without it. */
export async function archiveOf(body: Buffer, contentType: string): Promise<Uint8Array> {
  if (!contentType.startsWith('multipart/')) return body
  const form = await new Response(new Uint8Array(body), { headers: { 'Content-Type': contentType } })
    .formData()
    .catch(() => undefined)
  const archive = form?.get('archive')
  if (!(archive instanceof File)) throw new ConnectError(135, 'The form has no file named archive.')
  return new Uint8Array(await archive.arrayBuffer())
}

const maxFiles = 10_000

/**
 * Unpacks a gzipped tar into a directory and reads its manifest. Only plain files are written, and only below the
 * directory. Throws code 135 for other archives, for more than `maxBytes` unpacked or 10 000 files, for names that the file
 * system refuses, and without a manifest.
 */
export async function unpack(archive: Uint8Array, directory: string, maxBytes: number): Promise<Manifest> {
  const files = await readArchive(archive, maxBytes)
  if (files.size > maxFiles) throw new ConnectError(135, `A bundle may have ${maxFiles} files.`)
  const manifest = readManifest(files.get('manifest.json'))
  for (const [name, data] of files) {
    const path = resolve(directory, name)
    if (!path.startsWith(directory + sep)) throw new ConnectError(135, 'The bundle reaches out of its directory.')
    await write(path, data)
  }
  return manifest
}

/** Fails for names that are too long, contain NUL, or are a file and a directory. The system's message would show our paths. */
async function write(path: string, data: Uint8Array): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, data)
  } catch {
    throw new ConnectError(135, 'The bundle has a file that cannot be written by its name.')
  }
}

async function readArchive(archive: Uint8Array, maxOutputLength: number): Promise<ReadonlyMap<string, Uint8Array>> {
  try {
    // A copy, because the parser reads the whole buffer below the bytes it is given.
    const tar = new Uint8Array(await promisify(gunzip)(archive, { maxOutputLength }))
    const files = parseTar(tar).filter(({ type }) => type === 'file' || type === 'contiguousFile')
    return new Map(files.map(({ name, data }) => [join(name), data ?? new Uint8Array()]))
  } catch {
    throw new ConnectError(135)
  }
}

function readManifest(bytes: Uint8Array | undefined): Manifest {
  if (bytes === undefined) throw new ConnectError(135, 'The bundle has no manifest.json.')
  const metadata = parseObject(Buffer.from(bytes).toString('utf8'))?.['metadata']
  if (!isObject(metadata) || typeof metadata['appmode'] !== 'string') {
    throw new ConnectError(135, 'The manifest.json names no app mode.')
  }
  const named = [metadata['entrypoint'], metadata['primary_html'], metadata['primary_rmd']]
  return { appMode: metadata['appmode'], entrypoint: named.find((name) => typeof name === 'string') ?? '' }
}

/** What is done with content of a mode: it is rendered once, it is kept running, or neither. */
export interface AppMode {
  readonly kind: 'document' | 'app' | 'static'
  /** The tag of its jobs. */
  readonly tag: string
}

const modes: Readonly<Record<string, AppMode>> = {
  static: { kind: 'static', tag: 'build_report' },
  'rmd-static': { kind: 'document', tag: 'build_report' },
  'quarto-static': { kind: 'document', tag: 'build_report' },
  'jupyter-static': { kind: 'document', tag: 'build_jupyter' },
  shiny: { kind: 'app', tag: 'run_app' },
  'rmd-shiny': { kind: 'app', tag: 'run_app' },
  'quarto-shiny': { kind: 'app', tag: 'run_app' },
  nodejs: { kind: 'app', tag: 'run_app' },
  api: { kind: 'app', tag: 'run_api' },
  'python-api': { kind: 'app', tag: 'run_python_api' },
  'python-fastapi': { kind: 'app', tag: 'run_fastapi_app' },
  'python-dash': { kind: 'app', tag: 'run_dash_app' },
  'python-streamlit': { kind: 'app', tag: 'run_streamlit' },
  'python-bokeh': { kind: 'app', tag: 'run_bokeh_app' },
  'python-shiny': { kind: 'app', tag: 'run_pyshiny_app' },
  'jupyter-voila': { kind: 'app', tag: 'run_voila_app' },
}

/** The mode of a bundle; any unknown `python-…` is an app. Throws code 148 for an unknown mode. */
export function modeOf({ appMode }: Pick<Bundle, 'appMode'>): AppMode {
  const mode = Object.hasOwn(modes, appMode) ? modes[appMode] : undefined
  if (mode !== undefined) return mode
  if (appMode.startsWith('python-')) return { kind: 'app', tag: 'run_app' }
  throw new ConnectError(148)
}

/** Whether a bundle has something to render: documents have, static content only with a program. */
export function isRendered(bundle: Bundle): boolean {
  const { kind } = modeOf(bundle)
  return kind === 'document' || (kind === 'static' && commandOf(bundle) !== undefined)
}

const runners: Readonly<Record<string, string>> = {
  '.js': process.execPath,
  '.mjs': process.execPath,
  '.cjs': process.execPath,
  '.sh': 'sh',
  '.py': 'python3',
}

/**
 * The command that runs a bundle's entry point; undefined when the sandbox cannot run it. Python apps may name it
 * `module:object` instead.
 */
export function commandOf({ directory, entrypoint }: Bundle): Omit<Command, 'env'> | undefined {
  const module = `${entrypoint.split(':', 1)[0]?.replaceAll('.', '/') ?? ''}.py`
  for (const name of [entrypoint, module]) {
    const runner = runners[extname(name)]
    const path = resolve(directory, name)
    if (runner === undefined || !path.startsWith(directory + sep) || !existsSync(path)) continue
    return { file: runner, args: [path], cwd: directory }
  }
  return undefined
}
