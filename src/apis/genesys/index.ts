export {
  accessToken,
  type ClientCredentials,
  clientCredentials,
  type StoredToken,
  type TokenStore,
} from '../../core/index.ts'
export { type GenesysOptions, type GenesysPlace, type Region, regions } from './addresses.ts'
export { client, type Genesys, type GenesysOperations, genesys, operations } from './genesys.ts'
export type { GenesysJobFailure, GenesysJobRef, GenesysJobs } from './job-source.ts'
export * from './endpoints.ts'
export {
  AcceleratorList,
  AcceleratorMetadata,
  AcceleratorSpecification,
  type ErrorInfo,
  InfrastructureascodeJob,
  type InfrastructureascodeJobStatus,
  type MetadataProperty,
  type MetadataResultEntity,
  type MetadataSchema,
  type UserReference,
} from './models.ts'
export { submitOnce, type SubmitOnceOptions } from './submit-once.ts'
