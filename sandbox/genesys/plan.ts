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
  /** Whether it refuses to be destroyed again. */
  readonly protected?: boolean
}

/** A resource with its attributes filled in. */
export interface PlannedResource {
  readonly address: string
  readonly type: string
  readonly attributes: Readonly<Record<string, string>>
  /** The attributes as texts may show them. */
  readonly shown: Readonly<Record<string, string>>
  readonly protected: boolean
}

/** What a job was given does not make a plan; the job fails and nothing was created. */
export class PlanError extends Error {
  readonly code = 'plan.invalid'
}

/** Fills the parameters in; throws PlanError for what the caller got wrong and plain errors for broken accelerators. */
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
