import * as t from 'io-ts'
import { nullable, struct } from '../../core/index.ts'

/** Why a job failed, as far as the service knows. */
export interface LoggedError {
  /** Kebab-case, such as `python-package-install-failed`; the codes are not listed anywhere. */
  readonly code?: string | null
  readonly summary?: string | null
  /** Where to read on. */
  readonly help_url?: string | null
}

const maybe: t.Type<string | null> = nullable(t.string)

/** Decodes a job's error. */
export const LoggedError: t.Type<LoggedError> = struct<object, LoggedError>(
  'LoggedError',
  {},
  { code: maybe, summary: maybe, help_url: maybe },
)
