export { type ConformanceCheck, ConformanceError, ConformanceSkipped } from './conformance-types.ts'
export { jobSourceConformance, streamConformance, type TestFunction, testConformance } from './conformance.ts'
export { type FakeJob, type FakeOptions, type FakeStatus, fakeJob } from './fake-job.ts'
export type { FakeLogKind, FakeShape, FakeSource } from './fake-source.ts'
export { type ObservedScheduler, observedScheduler } from './observed-scheduler.ts'
export type {
  ObservedService,
  RequestKind,
  Setup,
  SourceUnderTest,
  StreamUnderTest,
  StreamUnderTestOptions,
} from './conformance-types.ts'
