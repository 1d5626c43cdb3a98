export { accessToken, type ClientCredentials, clientCredentials } from '../../core/index.ts'
export { type GenesysOptions, type GenesysPlace, type Region, regions } from './addresses.ts'
export {
  type AcceleratorInput,
  type AcceleratorParameter,
  type GenesysOperations,
  type GetAccelerator,
  type GetAccelerators,
  type GetJob,
  type GetJobs,
  getInfrastructureascodeAccelerator,
  getInfrastructureascodeAccelerators,
  getInfrastructureascodeJob,
  getInfrastructureascodeJobs,
  operations,
  postInfrastructureascodeJobs,
} from './endpoints.ts'
export { client, type Genesys, genesys } from './genesys.ts'
export type { GenesysJobFailure, GenesysJobRef, GenesysJobs } from './job-source.ts'
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
export type { SubmitOnceOptions } from './submit-once.ts'
