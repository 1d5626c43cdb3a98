import * as t from 'io-ts'
import { boundedArray, boundedRecord, codecOf, isObject, type OpenEnum, struct } from '../../core/index.ts'

// What the service sends, as interfaces and io-ts codecs. Fields beyond the documented ones are kept.

/** Optional texts. */
type Texts<Names extends string> = { readonly [N in Names]?: string }

const text = t.string
const texts = /* @__PURE__ */ boundedArray(text)

// ---- jobs

/** The statuses that the vendor documents. Three of them were added in 2024 without a new version: expect more. */
// biome-ignore format: a list
export type InfrastructureascodeJobStatus = OpenEnum<
  | 'Created' | 'Queued' | 'Running' | 'Complete' | 'InternalError' | 'Incomplete' | 'Failed' | 'RollbackFailed'
  | 'RollbackComplete'
>

/** The user who submitted a job. */
export type UserReference = Texts<'id' | 'selfUri'>

/** Why a job failed, as the service reports it. */
export type ErrorInfo = Texts<'message' | 'code'>

/**
 * A CX infrastructure as code job, as the service sends it.
 *
 * Expect `results`, `rollbackResults` and `errorInfo` only of a job that was requested with `details`.
 */
export interface InfrastructureascodeJob extends Texts<'id' | 'acceleratorId' | 'selfUri'> {
  /** True for a job that only showed what it would do. */
  readonly dryRun: boolean
  /** ISO 8601. */
  readonly dateSubmitted?: string
  readonly submittedBy?: UserReference
  readonly status?: InfrastructureascodeJobStatus
  readonly errorInfo?: ErrorInfo
  /** The output of the terraform run. */
  readonly results?: string
  /** The output of the rollback; absent for a job that succeeded. */
  readonly rollbackResults?: string
}

const submittedBy = /* @__PURE__ */ struct('UserReference', {}, { id: text, selfUri: text })
const errorInfo = /* @__PURE__ */ struct('ErrorInfo', {}, { message: text, code: text })
const jobTexts = { id: text, acceleratorId: text, dateSubmitted: text, results: text, rollbackResults: text }
const jobFields = () => ({ ...jobTexts, selfUri: text, submittedBy, status: text, errorInfo })

const job = /* @__PURE__ */ struct('InfrastructureascodeJob', { dryRun: t.boolean }, /* @__PURE__ */ jobFields())

/** Decodes a job. */
export const InfrastructureascodeJob: t.Type<InfrastructureascodeJob> = job

const jobs = /* @__PURE__ */ boundedArray(InfrastructureascodeJob)

/** Decodes a history: the specification declares one job, its parameters imply several. An empty one may be [], null or {}. */
export const JobHistory: t.Type<ReadonlyArray<InfrastructureascodeJob>> = /* @__PURE__ */ codecOf(
  'JobHistory',
  jobs.is,
  (u, context) => jobs.validate(listOf(u), context),
)

function listOf(u: unknown): unknown {
  if (!isObject(u) || Array.isArray(u)) return u ?? []
  if ('entities' in u) return u.entities ?? []
  return Object.keys(u).length === 0 ? [] : [u]
}

// ---- accelerators

/** An accelerator that can be run, as the list of accelerators shows it. */
export interface AcceleratorMetadata extends Texts<'name' | 'description' | 'classification' | 'selfUri'> {
  readonly id: string
  readonly origin?: OpenEnum<'Community' | 'Partner' | 'Genesys'>
  readonly type?: OpenEnum<'Module' | 'Accelerator' | 'Blueprint'>
  readonly tags?: ReadonlyArray<string>
}

/** One page of the list of accelerators. `nextUri` is present while there is another page. */
export interface AcceleratorList extends Texts<'firstUri' | 'previousUri' | 'selfUri' | 'nextUri' | 'lastUri'> {
  readonly entities?: ReadonlyArray<AcceleratorMetadata>
  readonly pageSize?: number
  /** From 1. */
  readonly pageNumber?: number
  readonly pageCount?: number
  /** How many accelerators there are on all pages. */
  readonly total?: number
}

/** An input that an accelerator asks for. */
export interface MetadataProperty extends Texts<'type' | 'displayname' | 'description' | 'default'> {
  /** Whether the value should be hidden, as a string. */
  readonly sensitive?: string
  /** The address of a page about it. */
  readonly help?: string
  /** The possible values, where they are few. */
  readonly enum?: ReadonlyArray<string>
}

/** Inputs that belong together. */
export interface MetadataSchema extends Texts<'title' | 'description' | 'type'> {
  /** Each by its name, which is the `name` of the parameter to submit. */
  readonly properties?: ReadonlyArray<Readonly<Record<string, MetadataProperty>>>
  /** The names of the inputs that must be given. */
  readonly required?: ReadonlyArray<string>
}

/** An object that an accelerator creates or changes. */
export interface MetadataResultEntity extends Texts<'type' | 'description'> {
  readonly visibility?: OpenEnum<'Visible' | 'Hidden'>
}

/** The complete specification of an accelerator: its requirements, its inputs, its results. */
export interface AcceleratorSpecification extends AcceleratorMetadata {
  /** Permissions that the submitting user must have. */
  readonly permissions?: ReadonlyArray<string>
  /** Products that the organisation must have. */
  readonly products?: ReadonlyArray<string>
  readonly documentation?: ReadonlyArray<Texts<'description' | 'location'>>
  readonly presentation?: ReadonlyArray<{ readonly title?: string; readonly schema?: MetadataSchema }>
  readonly results?: { readonly entities?: ReadonlyArray<MetadataResultEntity> }
}

const names = { name: text, description: text, classification: text, selfUri: text }
const metadataFields = () => ({ ...names, origin: text, type: text, tags: texts })
const metadata = /* @__PURE__ */ struct('AcceleratorMetadata', { id: text }, /* @__PURE__ */ metadataFields())

/** Decodes an accelerator. */
export const AcceleratorMetadata: t.Type<AcceleratorMetadata> = metadata

const entities = /* @__PURE__ */ boundedArray(AcceleratorMetadata)
const counts = { pageSize: t.number, pageNumber: t.number, pageCount: t.number, total: t.number }
const uris = { firstUri: text, previousUri: text, selfUri: text, nextUri: text, lastUri: text }
const pageFields = () => ({ entities, ...counts, ...uris })

const page = /* @__PURE__ */ struct('AcceleratorList', {}, /* @__PURE__ */ pageFields())

/** Decodes a page of accelerators. */
export const AcceleratorList: t.Type<AcceleratorList> = page

/** Decodes a specification. */
export const AcceleratorSpecification: t.Type<AcceleratorSpecification> = /* @__PURE__ */ specification()

function specification(): t.Type<AcceleratorSpecification> {
  const labels = { type: text, description: text }
  const input = { ...labels, displayname: text, sensitive: text, help: text, default: text, enum: texts }
  const properties = boundedArray(boundedRecord(struct('MetadataProperty', {}, input)))
  const schema = struct('MetadataSchema', {}, { ...labels, title: text, properties, required: texts })
  const documentation = boundedArray(struct('MetadataDocumentation', {}, { description: text, location: text }))
  const presentation = boundedArray(struct('MetadataPresentation', {}, { title: text, schema }))
  const entity = struct('MetadataResultEntity', {}, { ...labels, visibility: text })
  const results = struct('MetadataResults', {}, { entities: boundedArray(entity) })
  const details = { permissions: texts, products: texts, documentation, presentation, results }
  return struct('AcceleratorSpecification', { id: text }, { ...metadataFields(), ...details })
}
