import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join, resolve, sep } from 'node:path'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { parseTar } from 'nanotar'
import { isObject, parseObject } from '../json.ts'
import { ConnectError } from './errors.ts'

/** What a bundle's manifest.json says that matters here. */
export interface Manifest {
  readonly appMode: string
  /** '' when it names none. */
  readonly entrypoint: string
}

const mostFiles = 10_000

/**
 * Unpacks a gzipped tar into a directory and reads its manifest. Only plain files are written, and only below the
 * directory. Throws code 135 for what is no such archive, is larger than `maxBytes` unpacked, has more than 10 000 files,
 * has names that no directory can hold, or has no manifest.
 */
export async function unpack(archive: Uint8Array, directory: string, maxBytes: number): Promise<Manifest> {
  const files = await readArchive(archive, maxBytes)
  if (files.size > mostFiles) throw new ConnectError(135, `A bundle may have ${mostFiles} files.`)
  const manifest = readManifest(files.get('manifest.json'))
  for (const [name, data] of files) {
    const path = resolve(directory, name)
    if (!path.startsWith(directory + sep)) throw new ConnectError(135, 'The bundle reaches out of its directory.')
    await write(path, data)
  }
  return manifest
}

/** What fails is the name: too long, with a NUL in it, a file and a directory in one. The system's words tell our paths. */
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
