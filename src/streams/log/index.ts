export { Cursor, checkLogStart } from './cursor.ts'
export { bindLog, type ElementFactory, elementsOf, type TailSetup } from './setup.ts'
export { tailElements } from './tail.ts'
export { toDate } from './timestamp.ts'
