import * as t from 'io-ts'
import { nullable, type Open, open, struct } from '../../core/index.ts'

/** Content, as the service sends it; these are the fields that a deploy deals with. Times are RFC 3339. */
export interface Content {
  /** What names the content in every other call. */
  readonly guid: string
  readonly id?: string | null
  readonly name?: string
  readonly title?: string | null
  readonly description?: string | null
  /** Unknown until there is a bundle. */
  readonly app_mode?: Open<'unknown' | 'static' | 'shiny' | 'rmd-static' | 'quarto-static' | 'python-api'>
  /** The bundle that is deployed; null until the first deploy. */
  readonly bundle_id?: string | null
  readonly created_time?: string | null
  readonly last_deployed_time?: string | null
  readonly owner_guid?: string | null
  /** Where visitors go. It may be another origin than the server's, so no key is ever sent there. */
  readonly content_url?: string | null
  readonly dashboard_url?: string | null
}

const maybe: t.Type<string | null> = nullable(t.string)

/** Decodes content. Fields beyond these are kept. */
export const Content: t.Type<Content> = struct<Pick<Content, 'guid'>, Omit<Content, 'guid'>>(
  'Content',
  { guid: t.string },
  {
    id: maybe,
    name: t.string,
    title: maybe,
    description: maybe,
    app_mode: open(),
    bundle_id: maybe,
    created_time: maybe,
    last_deployed_time: maybe,
    owner_guid: maybe,
    content_url: maybe,
    dashboard_url: maybe,
  },
)
