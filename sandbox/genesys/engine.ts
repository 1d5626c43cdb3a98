import type { Accelerator } from './accelerators.ts'
import { makePlan, PlanError, type PlannedResource } from './plan.ts'
import * as report from './report.ts'
import type { CreatedResource, JobState } from './state.ts'

/** How a run went. */
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

/** One step's pause. */
export type Pace = () => Promise<void>

/** Makes the plan and, unless it is a dry run, creates its resources one after the other until one fails. */
export async function apply(
  accelerator: Accelerator,
  given: ReadonlyMap<string, string>,
  state: JobState | undefined,
  pace: Pace,
): Promise<RunResult> {
  let plan: ReadonlyArray<PlannedResource>
  try {
    plan = makePlan(accelerator.parameters, accelerator.resources, given)
  } catch (error) {
    const message = messageOf(error)
    if (!(error instanceof PlanError)) return { end: 'broken', error: message }
    return { end: 'failed', results: report.errorText(message), error: message, created: [] }
  }
  const lines = [report.planText(plan)]
  if (state === undefined) return { end: 'done', results: lines.join('\n') }

  const created: CreatedResource[] = []
  for (const resource of plan) {
    lines.push(report.creatingText(resource))
    const began = performance.now()
    await pace()
    try {
      const made = await state.create(resource)
      created.push(made)
      lines.push(report.createdText(made, performance.now() - began))
    } catch (error) {
      const message = messageOf(error)
      lines.push(report.errorText(message))
      return { end: 'failed', results: lines.join('\n'), error: message, created }
    }
  }
  lines.push(report.appliedText(created.length))
  return { end: 'done', results: lines.join('\n') }
}

/** Destroys what a failed run created, the last first; stops at what cannot be destroyed. */
export async function rollBack(
  created: ReadonlyArray<CreatedResource>,
  state: JobState,
  pace: Pace,
): Promise<RollbackResult> {
  const lines: string[] = []
  let destroyed = 0
  for (const made of [...created].reverse()) {
    lines.push(report.destroyingText(made))
    const began = performance.now()
    await pace()
    try {
      await state.destroy(made)
    } catch (error) {
      lines.push(report.errorText(messageOf(error)))
      return { done: false, results: lines.join('\n') }
    }
    destroyed += 1
    lines.push(report.destroyedText(made, performance.now() - began))
  }
  lines.push(report.rolledBackText(destroyed))
  return { done: true, results: lines.join('\n') }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
