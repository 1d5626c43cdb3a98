import * as t from 'io-ts'
import { boundedArray, boundedRecord, type Fields, type OpenEnum, openEnum, struct } from '../../core/index.ts'

/** The statuses that the vendor documents. Three of them were added in 2024 without a new version: expect more. */
// biome-ignore format: a list
export type InfrastructureascodeJobStatus = OpenEnum<
  | 'Created' | 'Queued' | 'Running' | 'Complete' | 'InternalError' | 'Incomplete' | 'Failed' | 'RollbackFailed'
  | 'RollbackComplete'
>

/** The user who submitted a job. */
export interface UserReference {
  readonly id?: string
  readonly selfUri?: string
}

/** Why a job failed, as the service reports it. */
export interface ErrorInfo {
  readonly message?: string
  readonly code?: string
}

/**
 * A CX infrastructure as code job, as the service sends it.
 *
 * Expect `results`, `rollbackResults` and `errorInfo` only of a job that was requested with `details`.
 */
export interface InfrastructureascodeJob {
  readonly id?: string
  /** True for a job that only showed what it would do. */
  readonly dryRun: boolean
  readonly acceleratorId?: string
  /** ISO 8601. */
  readonly dateSubmitted?: string
  readonly submittedBy?: UserReference
  readonly status?: InfrastructureascodeJobStatus
  readonly errorInfo?: ErrorInfo
  /** The output of the terraform run. */
  readonly results?: string
  /** The output of the rollback; absent for a job that succeeded. */
  readonly rollbackResults?: string
  readonly selfUri?: string
}

/** An accelerator that can be run, as the list of accelerators shows it. */
export interface AcceleratorMetadata {
  readonly id: string
  readonly name?: string
  readonly description?: string
  readonly origin?: OpenEnum<'Community' | 'Partner' | 'Genesys'>
  readonly type?: OpenEnum<'Module' | 'Accelerator' | 'Blueprint'>
  readonly classification?: string
  readonly tags?: ReadonlyArray<string>
  readonly selfUri?: string
}

/** One page of the list of accelerators. `nextUri` is present while there is another page. */
export interface AcceleratorList {
  readonly entities?: ReadonlyArray<AcceleratorMetadata>
  readonly pageSize?: number
  /** From 1. */
  readonly pageNumber?: number
  readonly pageCount?: number
  /** How many accelerators there are on all pages. */
  readonly total?: number
  readonly firstUri?: string
  readonly previousUri?: string
  readonly selfUri?: string
  readonly nextUri?: string
  readonly lastUri?: string
}

/** An input that an accelerator asks for. */
export interface MetadataProperty {
  readonly type?: string
  readonly displayname?: string
  readonly description?: string
  /** Whether the value should be hidden, as a string. */
  readonly sensitive?: string
  /** The address of a page about it. */
  readonly help?: string
  readonly default?: string
  /** The possible values, where they are few. */
  readonly enum?: ReadonlyArray<string>
}

/** Inputs that belong together. */
export interface MetadataSchema {
  readonly title?: string
  readonly description?: string
  readonly type?: string
  /** Each by its name, which is the `name` of the parameter to submit. */
  readonly properties?: ReadonlyArray<Readonly<Record<string, MetadataProperty>>>
  /** The names of the inputs that must be given. */
  readonly required?: ReadonlyArray<string>
}

/** An object that an accelerator creates or changes. */
export interface MetadataResultEntity {
  readonly type?: string
  readonly description?: string
  readonly visibility?: OpenEnum<'Visible' | 'Hidden'>
}

/** The complete specification of an accelerator: its requirements, its inputs, its results. */
export interface AcceleratorSpecification extends AcceleratorMetadata {
  /** Permissions that the submitting user must have. */
  readonly permissions?: ReadonlyArray<string>
  /** Products that the organisation must have. */
  readonly products?: ReadonlyArray<string>
  readonly documentation?: ReadonlyArray<{ readonly description?: string; readonly location?: string }>
  readonly presentation?: ReadonlyArray<{ readonly title?: string; readonly schema?: MetadataSchema }>
  readonly results?: { readonly entities?: ReadonlyArray<MetadataResultEntity> }
}

const text = t.string
const texts = boundedArray(text)
const optional = <A extends object>(name: string, fields: Fields<A>): t.Type<Partial<A>> =>
  struct<object, A>(name, {}, fields)

const errorInfo = optional<ErrorInfo>('ErrorInfo', { message: text, code: text })
const submittedBy = optional<UserReference>('UserReference', { id: text, selfUri: text })
const jobTexts = {
  id: text,
  acceleratorId: text,
  dateSubmitted: text,
  results: text,
  rollbackResults: text,
  selfUri: text,
}

/** Decodes a job. Fields beyond the documented ones are kept. */
export const InfrastructureascodeJob: t.Type<InfrastructureascodeJob> = struct<
  Pick<InfrastructureascodeJob, 'dryRun'>,
  Omit<InfrastructureascodeJob, 'dryRun'>
>('InfrastructureascodeJob', { dryRun: t.boolean }, { ...jobTexts, submittedBy, status: openEnum(), errorInfo })

const metadataTexts = { name: text, description: text, classification: text, tags: texts, selfUri: text }
const metadata: Fields<Omit<AcceleratorMetadata, 'id'>> = { ...metadataTexts, origin: openEnum(), type: openEnum() }

/** Decodes an accelerator. Fields beyond the documented ones are kept. */
export const AcceleratorMetadata: t.Type<AcceleratorMetadata> = struct<
  Pick<AcceleratorMetadata, 'id'>,
  Omit<AcceleratorMetadata, 'id'>
>('AcceleratorMetadata', { id: text }, metadata)

const entities = boundedArray(AcceleratorMetadata)
const counts = { pageSize: t.number, pageNumber: t.number, pageCount: t.number, total: t.number }
const uris = { firstUri: text, previousUri: text, selfUri: text, nextUri: text, lastUri: text }

/** Decodes a page of accelerators. */
export const AcceleratorList: t.Type<AcceleratorList> = optional('AcceleratorList', { entities, ...counts, ...uris })

const labels = { type: text, description: text }
const propertyTexts = { ...labels, displayname: text, sensitive: text, help: text, default: text }
const property = optional<MetadataProperty>('MetadataProperty', { ...propertyTexts, enum: texts })
const properties = boundedArray(boundedRecord(property))
const schema = optional<MetadataSchema>('MetadataSchema', { ...labels, title: text, properties, required: texts })
const entity = optional<MetadataResultEntity>('MetadataResultEntity', { ...labels, visibility: openEnum() })
const specification: Fields<Omit<AcceleratorSpecification, 'id'>> = {
  ...metadata,
  permissions: texts,
  products: texts,
  documentation: boundedArray(optional('MetadataDocumentation', { description: text, location: text })),
  presentation: boundedArray(optional('MetadataPresentation', { title: text, schema })),
  results: optional('MetadataResults', { entities: boundedArray(entity) }),
}

/** Decodes a specification. Fields beyond the documented ones are kept. */
export const AcceleratorSpecification: t.Type<AcceleratorSpecification> = struct<
  Pick<AcceleratorSpecification, 'id'>,
  Omit<AcceleratorSpecification, 'id'>
>('AcceleratorSpecification', { id: text }, specification)
