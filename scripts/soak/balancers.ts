import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

/** A service to be reached through a proxy. */
export interface Origin {
  readonly name: string
  /** `http://127.0.0.1:port` */
  readonly url: string
  /** The values of the cookie that lead to its nodes; none for a service of one node. */
  readonly nodes: ReadonlyArray<string>
}

/** The addresses of the same services behind each proxy, by their names. */
export interface Balancers {
  readonly nginx: ReadonlyMap<string, string>
  readonly haproxy: ReadonlyMap<string, string>
  close(): Promise<void>
}

const has = (command: string): boolean => spawnSync(command, ['-v']).status === 0

/** Installs what is missing with apt. Throws an Error that says what is missing where that cannot be done. */
function install(): void {
  const missing = ['nginx', 'haproxy'].filter((command) => !has(command))
  if (missing.length === 0) return
  console.log(`apt-get install ${missing.join(' ')}`)
  // Debian starts what it installs, but for the policy that forbids it.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }
  spawnSync('apt-get', ['install', '-y', '--no-install-recommends', ...missing], { env, stdio: 'ignore' })
  const still = missing.filter((command) => !has(command))
  if (still.length === 0) return
  throw new Error(`${still.join(' and ')} missing: apt-get install ${still.join(' ')}, as root after apt-get update`)
}

/** Starts nginx and haproxy on loopback before the services, with configurations of their own in a temporary folder. */
export async function startBalancers(origins: ReadonlyArray<Origin>): Promise<Balancers> {
  install()
  const directory = await mkdtemp(join(tmpdir(), 'rxjobs-soak-'))
  const ports = await freePorts(4 * origins.length)
  const nginx = new Map<string, string>()
  const haproxy = new Map<string, string>()
  const servers: string[] = []
  const fronts: string[] = []
  for (const [at, origin] of origins.entries()) {
    const [forNginx = 0, forHaproxy = 0, ...forNodes] = ports.slice(4 * at)
    nginx.set(origin.name, `http://127.0.0.1:${forNginx}`)
    haproxy.set(origin.name, `http://127.0.0.1:${forHaproxy}`)
    servers.push(nginxServer(forNginx, origin, at % 2 === 0 ? '1.0' : '1.1'))
    fronts.push(haproxyFront(forHaproxy, origin, forNodes))
  }
  const files = { nginx: join(directory, 'nginx.conf'), haproxy: join(directory, 'haproxy.cfg') }
  await writeFile(files.nginx, nginxConfig(directory, servers))
  await writeFile(files.haproxy, haproxyConfig(fronts))
  const children = [
    spawn('nginx', ['-c', files.nginx, '-e', join(directory, 'nginx.log')], { stdio: ['ignore', 'ignore', 'inherit'] }),
    spawn('haproxy', ['-q', '-f', files.haproxy], { stdio: ['ignore', 'ignore', 'inherit'] }),
  ]
  const kill = (): void => {
    for (const child of children) child.kill('SIGKILL')
  }
  process.once('exit', kill)
  const close = async (): Promise<void> => {
    process.off('exit', kill)
    await Promise.all(children.map(end))
    await rm(directory, { recursive: true, force: true })
  }
  try {
    await Promise.all([...nginx.values(), ...haproxy.values()].map(answers))
  } catch (error) {
    await close()
    throw error
  }
  return { nginx, haproxy, close }
}

/** The configuration as most have it: answers are buffered and compressed, and 20 s of silence are the end. */
function nginxConfig(directory: string, servers: ReadonlyArray<string>): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${join(directory, kind)};`,
  )
  return `daemon off;
master_process off;
pid ${join(directory, 'nginx.pid')};
events { worker_connections 4096; }
http {
  access_log off;
  ${temporary.join('\n  ')}
  client_max_body_size 64m;
  gzip on;
  gzip_proxied any;
  gzip_types *;
  gzip_min_length 256;
  proxy_buffering on;
  proxy_read_timeout 20s;
  ${servers.join('\n  ')}
}
`
}

// With HTTP/1.0 to the service, nginx takes an answer that is cut for one that is complete.
const nginxServer = (port: number, { url }: Origin, version: string): string =>
  `server { listen 127.0.0.1:${port}; location / { proxy_pass ${url}; proxy_http_version ${version}; proxy_set_header Connection ""; } }`

const haproxyConfig = (fronts: ReadonlyArray<string>): string => `global
  maxconn 4000
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 45s
${fronts.join('\n')}
`

/** The balancer's own cookie leads to a node; a front of each node makes it the service's cookie. */
function haproxyFront(port: number, { name, url, nodes }: Origin, ports: ReadonlyArray<number>): string {
  const address = url.replace('http://', '')
  const [first = 0, second = 0] = ports
  const lead = (node: string | undefined): string =>
    node === undefined ? '' : `  http-request set-header Cookie ${node}\n  http-response del-header Set-Cookie\n`
  return `frontend ${name}
  bind 127.0.0.1:${port}
  default_backend ${name}_nodes
backend ${name}_nodes
  balance roundrobin
  cookie SERVERID insert indirect nocache
  server a 127.0.0.1:${first} cookie a
  server b 127.0.0.1:${second} cookie b
frontend ${name}_a
  bind 127.0.0.1:${first}
${lead(nodes[0])}  default_backend ${name}_service
frontend ${name}_b
  bind 127.0.0.1:${second}
${lead(nodes[1])}  default_backend ${name}_service
backend ${name}_service
  server service ${address}`
}

async function freePorts(count: number): Promise<ReadonlyArray<number>> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer()
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      return server
    }),
  )
  const ports = servers.map((server) => {
    const address = server.address()
    return address === null || typeof address === 'string' ? 0 : address.port
  })
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}

/** Waits until something answers there. */
async function answers(url: string): Promise<void> {
  for (let turn = 0; turn < 100; turn++) {
    const answer = await fetch(`${url}/__api__/server_settings`).catch(() => undefined)
    await answer?.arrayBuffer()
    if (answer !== undefined && answer.status < 500) return
    await wait(50)
  }
  throw new Error(`Nothing answers at ${url}.`)
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), 3_000)
  await gone
  clearTimeout(timer)
}
