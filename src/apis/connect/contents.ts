import { asBody, type Endpoint, flag, inBody, inPath, json, text } from '../../core/index.ts'
import { Bundle } from './bundle.ts'
import { Content } from './content.ts'
import type { ContentRef } from './jobs.ts'
import { StartedTask } from './task.ts'

/** What to make. */
export interface CreateContent {
  /** 3 to 64 letters, digits, dashes and underscores; the user's own other content must not have it. */
  readonly name: string
  readonly title?: string
  readonly description?: string
}

/** Which bundle of which content to build. */
export interface BuildContent extends ContentRef {
  /** Default: the deployed one. */
  readonly bundle_id?: string
}

/** Which bundle of which content to deploy. */
export interface DeployContent extends ContentRef {
  /** Default: the one that was uploaded last. */
  readonly bundle_id?: string
  /** False for a draft, which is built and not activated; servers before 2025.06.0 know none. Default true. */
  readonly activate?: boolean
}

/** A bundle for a content. */
export interface UploadBundle<Archive = Uint8Array> extends ContentRef {
  /** A gzipped tar with a `manifest.json`. */
  readonly archive: Archive
}

/** Create content item: content without a bundle, of the key's user. */
export const createContent: Endpoint<CreateContent, Content> = {
  name: 'createContent',
  method: 'POST',
  path: '/v1/content',
  parameters: { name: inBody(text, true), title: inBody(text), description: inBody(text) },
  answers: { 200: json(Content) },
}

/** Upload content bundle: the archive as the body of one request. */
export const uploadBundle: Endpoint<UploadBundle, Bundle> = {
  name: 'uploadBundle',
  method: 'POST',
  path: '/v1/content/{guid}/bundles',
  parameters: { guid: inPath, archive: asBody },
  answers: { 200: json(Bundle) },
  contentType: 'application/gzip',
}

/** Deploy deployment bundle: starts a task. */
export const deployContent: Endpoint<DeployContent, StartedTask> = {
  name: 'deployContent',
  method: 'POST',
  path: '/v1/content/{guid}/deploy',
  parameters: { guid: inPath, bundle_id: inBody(text), activate: inBody(flag) },
  answers: { 200: json(StartedTask), 202: json(StartedTask) },
}

/** Build content item: starts a task that builds a bundle and does not activate it. */
export const buildContent: Endpoint<BuildContent, StartedTask> = {
  name: 'buildContent',
  method: 'POST',
  path: '/v1/content/{guid}/build',
  parameters: { guid: inPath, bundle_id: inBody(text) },
  answers: { 200: json(StartedTask) },
}
