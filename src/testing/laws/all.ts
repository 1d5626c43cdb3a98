import type { Checks } from '../checks.ts'
import { bearingFailures } from './bearing-failures.ts'
import { cold } from './cold.ts'
import { ending } from './ending.ts'
import { failingWell } from './failing-well.ts'
import { leaving } from './leaving.ts'
import { oneAtATime } from './one-at-a-time.ts'
import { postingOnce } from './posting-once.ts'
import { tellingLoss } from './telling-loss.ts'
import { tellingNoMore } from './telling-no-more.ts'
import { waitingByTheClock } from './waiting-by-the-clock.ts'

/** The ten laws, in their order. */
export const all: ReadonlyArray<Checks> = [
  cold,
  oneAtATime,
  leaving,
  ending,
  bearingFailures,
  postingOnce,
  waitingByTheClock,
  failingWell,
  tellingLoss,
  tellingNoMore,
]
