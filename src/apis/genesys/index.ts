export { accessToken, type ClientCredentials, clientCredentials } from '../../core/index.ts'
export { AcceleratorList, AcceleratorMetadata } from './accelerator.ts'
export {
  AcceleratorSpecification,
  type MetadataProperty,
  type MetadataResultEntity,
  type MetadataSchema,
} from './accelerator-specification.ts'
export {
  type GetAccelerator,
  type GetAccelerators,
  getInfrastructureascodeAccelerator,
  getInfrastructureascodeAccelerators,
} from './accelerators.ts'
export { client, type Genesys, genesys } from './genesys.ts'
export {
  type ErrorInfo,
  InfrastructureascodeJob,
  type InfrastructureascodeJobStatus,
  type UserReference,
} from './infrastructureascode-job.ts'
export type { GenesysJobFailure, GenesysJobRef, GenesysJobs } from './job-source.ts'
export {
  type AcceleratorInput,
  type AcceleratorParameter,
  type GetJob,
  type GetJobs,
  getInfrastructureascodeJob,
  getInfrastructureascodeJobs,
  postInfrastructureascodeJobs,
} from './jobs.ts'
export type { GenesysOptions, GenesysPlace } from './options.ts'
export { type Region, regions } from './regions.ts'
export type { SubmitOnceOptions } from './submit-once.ts'
