export { Cursor, checkLogStart } from './cursor.ts'
export { createLogTail } from './tail.ts'
export { toDate } from './timestamp.ts'
