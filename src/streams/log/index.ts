export { Cursor, checkLogStart } from './cursor.ts'
export { createLogRead, createLogTail } from './tail.ts'
export { compareTimestamps, toDate } from './timestamp.ts'
