import type { Accelerator } from './accelerators.ts'
import { type CreatedResource, makePlan, PlanError, type PlannedResource, type Resources } from './resources.ts'

/** How a run ended. */
export type RunResult =
  | { readonly end: 'done'; readonly results: string }
  | {
      readonly end: 'failed'
      readonly results: string
      readonly error: string
      readonly created: ReadonlyArray<CreatedResource>
    }
  | { readonly end: 'broken'; readonly error: string }

export interface RollbackResult {
  readonly done: boolean
  readonly results: string
}

/** The job that runs: the resources it works on, and the pause between its steps. */
export interface Runner {
  readonly jobId: string
  readonly resources: Resources
  readonly pause: () => Promise<void>
}

/** Makes the plan and creates its resources one after the other until one fails. Without a runner it is a dry run. */
export async function apply(
  accelerator: Accelerator,
  given: ReadonlyMap<string, string>,
  runner?: Runner,
): Promise<RunResult> {
  let plan: ReadonlyArray<PlannedResource>
  try {
    plan = makePlan(accelerator.parameters, accelerator.resources, given)
  } catch (error) {
    const message = messageOf(error)
    if (!(error instanceof PlanError)) return { end: 'broken', error: message }
    return { end: 'failed', results: `Error: ${message}`, error: message, created: [] }
  }
  const text = planText(plan)
  return runner === undefined ? { end: 'done', results: text } : create(plan, runner, [text])
}

async function create(
  plan: ReadonlyArray<PlannedResource>,
  { jobId, resources, pause }: Runner,
  lines: string[],
): Promise<RunResult> {
  const created: CreatedResource[] = []
  for (const planned of plan) {
    lines.push(`${planned.address}: Creating...`)
    const began = performance.now()
    await pause()
    try {
      const resource = resources.create(jobId, planned)
      created.push(resource)
      lines.push(`${planned.address}: Creation complete after ${secondsSince(began)} [id=${resource.id}]`)
    } catch (error) {
      const message = messageOf(error)
      lines.push(`Error: ${message}`)
      return { end: 'failed', results: lines.join('\n'), error: message, created }
    }
  }
  lines.push(`Apply complete! Resources: ${created.length} added, 0 changed, 0 destroyed.`)
  return { end: 'done', results: lines.join('\n') }
}

/** Destroys what a failed run created, the last first; stops at the first that cannot be destroyed. */
export async function rollBack(
  created: ReadonlyArray<CreatedResource>,
  { jobId, resources, pause }: Runner,
): Promise<RollbackResult> {
  const lines: string[] = []
  for (const one of [...created].reverse()) {
    const { address } = one.resource
    lines.push(`${address}: Destroying... [id=${one.id}]`)
    const began = performance.now()
    await pause()
    try {
      resources.destroy(jobId, one)
    } catch (error) {
      lines.push(`Error: ${messageOf(error)}`)
      return { done: false, results: lines.join('\n') }
    }
    lines.push(`${address}: Destruction complete after ${secondsSince(began)}`)
  }
  lines.push(`Destroy complete! Resources: ${created.length} destroyed.`)
  return { done: true, results: lines.join('\n') }
}

/** The plan, in the manner of terraform. */
function planText(plan: ReadonlyArray<PlannedResource>): string {
  const blocks = plan.map(({ address, type, shown }) => {
    const label = address.slice(type.length + 1)
    const attributes = Object.entries(shown).map(([key, value]) => `      + ${key} = ${JSON.stringify(value)}`)
    const head = [`  # ${address} will be created`, `  + resource "${type}" "${label}" {`]
    return [...head, ...attributes, '    }', ''].join('\n')
  })
  return ['Execution plan:', '', ...blocks, `Plan: ${plan.length} to add, 0 to change, 0 to destroy.`].join('\n')
}

function secondsSince(began: number): string {
  return `${Math.round((performance.now() - began) / 1000)}s`
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
