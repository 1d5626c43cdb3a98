export * from './core/index.ts'
export * from './streams/index.ts'
