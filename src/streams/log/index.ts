export { Cursor, checkLogStart } from './cursor.ts'
export { createLogRead, createLogTail } from './tail.ts'
export { toDate } from './timestamp.ts'
