export { Cursor, checkLogStart } from './cursor.ts'
export { tailOf } from './job-log.ts'
export { toDate } from './timestamp.ts'
