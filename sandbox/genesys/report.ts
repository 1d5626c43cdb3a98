import type { PlannedResource } from './plan.ts'
import type { CreatedResource } from './state.ts'

/** The plan, in the manner of terraform. */
export function planText(resources: ReadonlyArray<PlannedResource>): string {
  const blocks = resources.map(({ address, type, shown }) => {
    const label = address.slice(type.length + 1)
    const attributes = Object.entries(shown).map(([key, value]) => `      + ${key} = ${JSON.stringify(value)}`)
    return [`  # ${address} will be created`, `  + resource "${type}" "${label}" {`, ...attributes, '    }', ''].join(
      '\n',
    )
  })
  const counts = `Plan: ${resources.length} to add, 0 to change, 0 to destroy.`
  return ['Execution plan:', '', ...blocks, counts].join('\n')
}

export function creatingText({ address }: PlannedResource): string {
  return `${address}: Creating...`
}

export function createdText({ id, resource }: CreatedResource, ms: number): string {
  return `${resource.address}: Creation complete after ${seconds(ms)} [id=${id}]`
}

export function destroyingText({ id, resource }: CreatedResource): string {
  return `${resource.address}: Destroying... [id=${id}]`
}

export function destroyedText({ resource }: CreatedResource, ms: number): string {
  return `${resource.address}: Destruction complete after ${seconds(ms)}`
}

export function appliedText(added: number): string {
  return `Apply complete! Resources: ${added} added, 0 changed, 0 destroyed.`
}

export function rolledBackText(destroyed: number): string {
  return `Destroy complete! Resources: ${destroyed} destroyed.`
}

export function errorText(message: string): string {
  return `Error: ${message}`
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)}s`
}
