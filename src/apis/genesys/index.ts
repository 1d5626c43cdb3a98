export { accessToken, type ClientCredentials, clientCredentials } from '../../core/index.ts'
export {
  AcceleratorList,
  AcceleratorMetadata,
  AcceleratorSpecification,
  type GetAccelerator,
  type GetAccelerators,
  getInfrastructureascodeAccelerator,
  getInfrastructureascodeAccelerators,
  type MetadataProperty,
  type MetadataResultEntity,
  type MetadataSchema,
} from './accelerators.ts'
export { type GenesysOptions, type GenesysPlace, type Region, regions } from './addresses.ts'
export { client, type Genesys, type GenesysOperations, genesys, operations } from './genesys.ts'
export type { GenesysJobFailure, GenesysJobRef, GenesysJobs } from './job-source.ts'
export {
  type AcceleratorInput,
  type AcceleratorParameter,
  type ErrorInfo,
  type GetJob,
  type GetJobs,
  getInfrastructureascodeJob,
  getInfrastructureascodeJobs,
  InfrastructureascodeJob,
  type InfrastructureascodeJobStatus,
  postInfrastructureascodeJobs,
  type UserReference,
} from './jobs.ts'
export { submitOnce, type SubmitOnceOptions } from './submit-once.ts'
