import { type Endpoint, inPath, json, positiveInteger, segment } from '../../core/index.ts'
import type { ContentRef } from './jobs.ts'
import { RenderTask } from './task.ts'
import { type Variant, Variants } from './variant.ts'

/** Which variant to render: the `id` of one of getVariants, or a job's `variant_id`. */
export interface RenderVariant {
  readonly variant_id: number | string
}

/** The variants of a document. Not versioned: newer servers may do without. */
export const getVariants: Endpoint<ContentRef, ReadonlyArray<Variant>> = {
  name: 'getVariants',
  method: 'GET',
  path: '/applications/{guid}/variants',
  parameters: { guid: inPath },
  answers: { 200: json(Variants) },
}

/** Renders a variant again: starts a task, told in an old shape. Not versioned, either. */
export const renderVariant: Endpoint<RenderVariant, RenderTask> = {
  name: 'renderVariant',
  method: 'POST',
  path: '/variants/{variant_id}/render',
  parameters: {
    variant_id: {
      place: 'path',
      required: true,
      check: (id) => (typeof id === 'number' ? positiveInteger(id) : segment(id)),
    },
  },
  answers: { 200: json(RenderTask) },
}
