import * as t from 'io-ts'
import { dictionary, list, type Open, open, struct } from '../../core/index.ts'
import type { AcceleratorMetadata } from './accelerator.ts'

/** An input that an accelerator asks for. */
export interface MetadataProperty {
  readonly type?: string
  readonly displayname?: string
  readonly description?: string
  /** Whether the value should be hidden, as a text. */
  readonly sensitive?: string
  /** An address with more about it. */
  readonly help?: string
  readonly default?: string
  /** The values that are possible, where they are few. */
  readonly enum?: ReadonlyArray<string>
}

/** The inputs that are asked for together. */
export interface MetadataSchema {
  readonly title?: string
  readonly description?: string
  readonly type?: string
  /** Each by its name, which is the `name` of the parameter to submit. */
  readonly properties?: ReadonlyArray<Readonly<Record<string, MetadataProperty>>>
  /** The names of those that must be given. */
  readonly required?: ReadonlyArray<string>
}

/** What running an accelerator creates or changes. */
export interface MetadataResultEntity {
  readonly type?: string
  readonly description?: string
  readonly visibility?: Open<'Visible' | 'Hidden'>
}

/** All that is known of an accelerator before it is run: what it needs, what it asks for, what it makes. */
export interface AcceleratorSpecification extends AcceleratorMetadata {
  /** Permissions that whoever runs it must have. */
  readonly permissions?: ReadonlyArray<string>
  /** Products that the organisation must have. */
  readonly products?: ReadonlyArray<string>
  readonly documentation?: ReadonlyArray<{ readonly description?: string; readonly location?: string }>
  readonly presentation?: ReadonlyArray<{ readonly title?: string; readonly schema?: MetadataSchema }>
  readonly results?: { readonly entities?: ReadonlyArray<MetadataResultEntity> }
}

const texts = list(t.string)

const property: t.Type<MetadataProperty> = struct<object, MetadataProperty>(
  'MetadataProperty',
  {},
  {
    type: t.string,
    displayname: t.string,
    description: t.string,
    sensitive: t.string,
    help: t.string,
    default: t.string,
    enum: texts,
  },
)

const schema: t.Type<MetadataSchema> = struct<object, MetadataSchema>(
  'MetadataSchema',
  {},
  {
    title: t.string,
    description: t.string,
    type: t.string,
    properties: list(dictionary(property)),
    required: texts,
  },
)

const entity: t.Type<MetadataResultEntity> = struct<object, MetadataResultEntity>(
  'MetadataResultEntity',
  {},
  { type: t.string, description: t.string, visibility: open() },
)

const documentation = struct('MetadataDocumentation', {}, { description: t.string, location: t.string })
const presentation = struct('MetadataPresentation', {}, { title: t.string, schema })
const results = struct('MetadataResults', {}, { entities: list(entity) })

/** Decodes a specification. Fields beyond the documented ones are kept. */
export const AcceleratorSpecification: t.Type<AcceleratorSpecification> = struct<
  Pick<AcceleratorSpecification, 'id'>,
  Omit<AcceleratorSpecification, 'id'>
>(
  'AcceleratorSpecification',
  { id: t.string },
  {
    name: t.string,
    description: t.string,
    origin: open(),
    type: open(),
    classification: t.string,
    tags: texts,
    selfUri: t.string,
    permissions: texts,
    products: texts,
    documentation: list(documentation),
    presentation: list(presentation),
    results,
  },
)
