import * as t from 'io-ts'
import { list, type Open, open, struct } from '../../core/index.ts'

/** What can be run, as the list of accelerators has it. */
export interface AcceleratorMetadata {
  readonly id: string
  readonly name?: string
  readonly description?: string
  readonly origin?: Open<'Community' | 'Partner' | 'Genesys'>
  readonly type?: Open<'Module' | 'Accelerator' | 'Blueprint'>
  readonly classification?: string
  readonly tags?: ReadonlyArray<string>
  readonly selfUri?: string
}

/** Decodes an accelerator. Fields beyond the documented ones are kept. */
export const AcceleratorMetadata: t.Type<AcceleratorMetadata> = struct<
  Pick<AcceleratorMetadata, 'id'>,
  Omit<AcceleratorMetadata, 'id'>
>(
  'AcceleratorMetadata',
  { id: t.string },
  {
    name: t.string,
    description: t.string,
    origin: open(),
    type: open(),
    classification: t.string,
    tags: list(t.string),
    selfUri: t.string,
  },
)

/** One page of the list of accelerators. `nextUri` is there while there is another one. */
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

/** Decodes a page. */
export const AcceleratorList: t.Type<AcceleratorList> = struct<object, AcceleratorList>(
  'AcceleratorList',
  {},
  {
    entities: list(AcceleratorMetadata),
    pageSize: t.number,
    pageNumber: t.number,
    pageCount: t.number,
    total: t.number,
    firstUri: t.string,
    previousUri: t.string,
    selfUri: t.string,
    nextUri: t.string,
    lastUri: t.string,
  },
)
