import type { JobRef, Sandbox } from 'rxjobs/sandbox'
import { startGitHub } from './github-server.ts'

/** An example, its environment, and its expected output. */
export interface Case {
  readonly file: string
  readonly denoFlags: ReadonlyArray<string>
  /** Starts the job that the example needs, and gives its environment. */
  readonly prepare: (sandbox: Sandbox) => Promise<Environment> | Environment
  /** Patterns that stdout must contain, in this order. */
  readonly stdout: ReadonlyArray<RegExp>
  readonly stderr?: RegExp
}

export type Environment = Readonly<Record<string, string>>

const denoFlags = ['--allow-env', '--allow-net']

export const connectEnv = ({ connect }: Sandbox): Environment => ({
  CONNECT_SERVER: connect.server,
  CONNECT_API_KEY: connect.apiKey,
})

const jobEnv = ({ guid, key }: JobRef): Environment => ({ CONNECT_CONTENT_GUID: guid, CONNECT_JOB_KEY: key })

const genesysEnv = ({ genesys }: Sandbox): Environment => ({
  GENESYS_BASE_URL: genesys.baseUrl,
  GENESYS_LOGIN_URL: genesys.loginUrl,
  GENESYS_CLIENT_ID: genesys.clientId,
  GENESYS_CLIENT_SECRET: genesys.clientSecret,
})

const report = ['page 1', 'page 2', 'page 3'].map((data) => ({ source: 'stdout', data }) as const)

/** A job that writes one line, the rest after its log was read, and then ends. */
const fed =
  (exitCode: number) =>
  (sandbox: Sandbox): Environment => {
    const job = sandbox.connect.feed()
    job.write(report.slice(0, 1))
    sandbox
      .closed(({ path }) => path.includes(`${job.key}/log`))
      .then(() => {
        job.write([...report.slice(1), { source: 'stderr', data: 'no caption' }])
        job.finish(exitCode)
      })
      .catch(() => undefined)
    return { ...connectEnv(sandbox), ...jobEnv(job) }
  }

const running =
  (script: string) =>
  async (sandbox: Sandbox): Promise<Environment> => ({
    ...connectEnv(sandbox),
    ...jobEnv(await sandbox.connect.start({ script })),
  })

/** Every example that can be run on its own. */
export const cases: ReadonlyArray<Case> = [
  {
    file: 'genesys-submit-watch-errors.ts',
    denoFlags,
    prepare: genesysEnv,
    stdout: [/^twin-queues: RollbackComplete$/m, /^failed A genesyscloud_routing_queue .* already exists$/m],
  },
  {
    file: 'connect-tail.ts',
    denoFlags,
    prepare: fed(0),
    stdout: [/^page 1\npage 2\npage 3\n$/],
    stderr: /^no caption$/m,
  },
  {
    file: 'follow-job.ts',
    denoFlags,
    prepare: fed(3),
    stdout: [/^is running$/m, /^0: page 1$/m, /^1: page 2$/m, /^3: no caption$/m, /^ended: failed .*"exitCode":3/m],
  },
  {
    file: 'kill.ts',
    denoFlags,
    prepare: running('setInterval(() => console.log("still here"), 100)'),
    stdout: [/^failed 143$/m],
  },
  {
    file: 'deploy-and-follow.ts',
    denoFlags: [...denoFlags, '--allow-run'],
    prepare: (sandbox) => ({ ...connectEnv(sandbox), CONNECT_BUNDLE: 'demo/bundles/stock-import' }),
    stdout: [
      /^bundle \d+$/m,
      // Either may come first.
      /(?=[^]*^task {2}Rendering\.\.\.$)(?=[^]*^job {3}Connecting to the warehouse$)/m,
      /^failed$/m,
      /^the task: Unable to render: .* exit status 3 \(code 1\)$/m,
      /^the job: exit code 3 The warehouse could not be reached: nothing was imported$/m,
    ],
  },
  {
    file: 'your-own-service.ts',
    denoFlags: ['--allow-net'],
    prepare: () => ({}),
    stdout: [/^build b7 is building$/m, /^ {2}fetching$/m, /^ {2}tests: 1 of 212 failed$/m, /^failed\n$/m],
  },
  {
    file: 'github-run.ts',
    denoFlags,
    prepare: async () => {
      // It ends with this process.
      const { url, token } = await startGitHub({ latency: 1 })
      return { GITHUB_TOKEN: token, GITHUB_REPOSITORY: 'octo/site', GITHUB_API_URL: url }
    },
    stdout: [
      /^run 7 is \w+$/m,
      /^ {2}build \| compiling$/m,
      /^ {2}test \| 1 of 212 failed$/m,
      /^failed because of test$/m,
    ],
  },
  {
    file: 'start-report.ts',
    denoFlags,
    prepare: connectEnv,
    stdout: [/^export CONNECT_CONTENT_GUID=\S{36} CONNECT_JOB_KEY=\w+$/m],
  },
]
