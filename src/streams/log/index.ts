export { Cursor, checkLogStart } from './cursor.ts'
export { createLogTail } from './job-log.ts'
export { toDate } from './timestamp.ts'
