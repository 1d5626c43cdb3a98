import { randomUUID } from 'node:crypto'

/** An input of an accelerator. Values are always strings. */
export interface ParameterSpec {
  readonly name: string
  readonly description: string
  readonly required: boolean
  readonly default?: string
  readonly allowed?: ReadonlyArray<string>
  /** Shown as `(sensitive value)` in every text. */
  readonly sensitive?: boolean
}

/** A resource to create. In its attributes `${name}` stands for the value of that parameter. */
export interface ResourceSpec {
  readonly type: string
  readonly label: string
  readonly attributes: Readonly<Record<string, string>>
  /** Whether it cannot be destroyed. */
  readonly protected?: boolean
}

/** A resource with its attributes filled in. */
export interface PlannedResource {
  readonly address: string
  readonly type: string
  readonly attributes: Readonly<Record<string, string>>
  /** The attributes without sensitive values. */
  readonly shown: Readonly<Record<string, string>>
  readonly protected: boolean
}

/** The job's parameters are invalid: it fails before it creates anything. */
export class PlanError extends Error {
  readonly code = 'plan.invalid'
}

/** Fills in the parameters. Throws PlanError for invalid parameters and plain errors for broken accelerators. */
export function makePlan(
  parameters: ReadonlyArray<ParameterSpec>,
  resources: ReadonlyArray<ResourceSpec>,
  given: ReadonlyMap<string, string>,
): ReadonlyArray<PlannedResource> {
  for (const name of given.keys()) {
    if (!parameters.some((spec) => spec.name === name)) throw new PlanError(`Value for undeclared variable "${name}"`)
  }
  const values = new Map(parameters.map((spec) => [spec.name, valueOf(spec, given.get(spec.name))]))
  const shown = new Map(
    parameters.map((spec) => [spec.name, spec.sensitive ? '(sensitive value)' : values.get(spec.name)]),
  )
  return resources.map((spec) => ({
    address: `${spec.type}.${spec.label}`,
    type: spec.type,
    attributes: fill(spec.attributes, values),
    shown: fill(spec.attributes, shown),
    protected: spec.protected ?? false,
  }))
}

function valueOf(spec: ParameterSpec, given: string | undefined): string {
  const value = given ?? spec.default
  if (value === undefined || (spec.required && value === '')) {
    if (spec.required) throw new PlanError(`No value for required variable "${spec.name}"`)
    return ''
  }
  if (spec.allowed !== undefined && !spec.allowed.includes(value)) {
    throw new PlanError(`Invalid value for variable "${spec.name}": must be one of ${spec.allowed.join(', ')}`)
  }
  return value
}

function fill(
  attributes: Readonly<Record<string, string>>,
  values: ReadonlyMap<string, string | undefined>,
): Readonly<Record<string, string>> {
  const filled = Object.entries(attributes).map(([key, template]) => {
    const text = template.replace(/\$\{(\w+)\}/g, (_, name: string) => {
      const value = values.get(name)
      if (value === undefined) throw new Error(`Reference to the undeclared variable "${name}"`)
      return value
    })
    return [key, text] as const
  })
  return Object.fromEntries(filled)
}

/** A resource that a job has created. */
export interface CreatedResource {
  readonly id: string
  readonly resource: PlannedResource
}

/** The resources that exist, of all jobs. */
export class Resources {
  readonly #byJob = new Map<string, Map<string, CreatedResource>>()

  /** Throws when the job has a resource of that type and name already. */
  create(jobId: string, resource: PlannedResource): CreatedResource {
    const existing = this.#of(jobId)
    const name = resource.attributes['name'] ?? ''
    for (const { resource: other } of existing.values()) {
      if (other.type === resource.type && (other.attributes['name'] ?? '') === name) {
        throw new Error(`A ${resource.type} with the name "${resource.shown['name'] ?? ''}" already exists`)
      }
    }
    const created = { id: randomUUID(), resource }
    existing.set(created.id, created)
    return created
  }

  /** Throws when the resource is protected. */
  destroy(jobId: string, { id, resource }: CreatedResource): void {
    if (resource.protected) throw new Error(`${resource.address} is protected and cannot be destroyed`)
    this.#of(jobId).delete(id)
  }

  /** All of them, as `jobId/type.label`. */
  list(): ReadonlyArray<string> {
    return [...this.#byJob].flatMap(([jobId, created]) =>
      [...created.values()].map(({ resource }) => `${jobId}/${resource.address}`),
    )
  }

  #of(jobId: string): Map<string, CreatedResource> {
    const existing = this.#byJob.get(jobId) ?? new Map<string, CreatedResource>()
    this.#byJob.set(jobId, existing)
    return existing
  }
}
