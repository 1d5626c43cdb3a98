import type { ParameterSpec, ResourceSpec } from './resources.ts'

/** An accelerator: its parameters and the resources that it creates. */
export interface Accelerator {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly origin: 'Community' | 'Partner' | 'Genesys'
  readonly type: 'Module' | 'Accelerator' | 'Blueprint'
  readonly classification: string
  readonly tags: ReadonlyArray<string>
  readonly permissions: ReadonlyArray<string>
  readonly products: ReadonlyArray<string>
  readonly parameters: ReadonlyArray<ParameterSpec>
  readonly resources: ReadonlyArray<ResourceSpec>
}

const prefix: ParameterSpec = {
  name: 'prefix',
  description: 'Put before the name of everything that is created.',
  required: false,
  default: 'sandbox',
}

/** The accelerators of the sandbox, one for each way in which a job can end. */
export const accelerators: ReadonlyArray<Accelerator> = [
  {
    id: 'quick-wrapup-code',
    name: 'Quick wrap-up code',
    description: 'Creates one wrap-up code and is complete at once.',
    origin: 'Community',
    type: 'Module',
    classification: 'Routing',
    tags: ['quick', 'routing'],
    permissions: ['routing:wrapupCode:add'],
    products: [],
    parameters: [prefix],
    resources: [{ type: 'genesyscloud_routing_wrapupcode', label: 'done', attributes: { name: '${prefix}-done' } }],
  },
  {
    id: 'support-line',
    name: 'Support line',
    description: 'Creates a queue with its skill, its hours, a flow and an integration; takes several steps.',
    origin: 'Genesys',
    type: 'Accelerator',
    classification: 'Support',
    tags: ['queue', 'flow'],
    permissions: ['routing:queue:add', 'routing:skill:manage', 'architect:flow:add'],
    products: ['voice'],
    parameters: [
      { name: 'queueName', description: 'Name of the queue.', required: true },
      {
        name: 'language',
        description: 'Language of the prompts.',
        required: false,
        default: 'en-US',
        allowed: ['en-US', 'de', 'fr'],
      },
      {
        name: 'webhookSecret',
        description: 'Signs what the integration sends.',
        required: false,
        default: '',
        sensitive: true,
      },
    ],
    resources: [
      { type: 'genesyscloud_routing_skill', label: 'support', attributes: { name: '${queueName} skill' } },
      { type: 'genesyscloud_architect_schedules', label: 'hours', attributes: { name: '${queueName} hours' } },
      {
        type: 'genesyscloud_routing_queue',
        label: 'support',
        attributes: { name: '${queueName}', language: '${language}' },
      },
      {
        type: 'genesyscloud_flow',
        label: 'inbound',
        attributes: { name: '${queueName} inbound', language: '${language}' },
      },
      {
        type: 'genesyscloud_integration',
        label: 'webhook',
        attributes: { name: '${queueName} webhook', secret: '${webhookSecret}' },
      },
    ],
  },
  {
    id: 'twin-queues',
    name: 'Twin queues',
    description: 'Gives two queues the same name, so that the second fails and the first is rolled back.',
    origin: 'Partner',
    type: 'Blueprint',
    classification: 'Routing',
    tags: ['queue', 'fails'],
    permissions: ['routing:queue:add'],
    products: [],
    parameters: [prefix],
    resources: [
      { type: 'genesyscloud_routing_skill', label: 'twin', attributes: { name: '${prefix} skill' } },
      { type: 'genesyscloud_routing_queue', label: 'first', attributes: { name: '${prefix} queue' } },
      { type: 'genesyscloud_routing_queue', label: 'second', attributes: { name: '${prefix} queue' } },
    ],
  },
  {
    id: 'locked-division',
    name: 'Locked division',
    description: 'Fails after it created a division that cannot be destroyed, so that the rollback fails, too.',
    origin: 'Community',
    type: 'Accelerator',
    classification: 'Directory',
    tags: ['division', 'fails'],
    permissions: ['authorization:division:add'],
    products: [],
    parameters: [prefix],
    resources: [
      {
        type: 'genesyscloud_auth_division',
        label: 'locked',
        attributes: { name: '${prefix} division' },
        protected: true,
      },
      { type: 'genesyscloud_group', label: 'first', attributes: { name: '${prefix} group' } },
      { type: 'genesyscloud_group', label: 'second', attributes: { name: '${prefix} group' } },
    ],
  },
  {
    id: 'broken-module',
    name: 'Broken module',
    description:
      'Refers to a variable that it does not declare, which is an error of the service and not of the caller.',
    origin: 'Community',
    type: 'Module',
    classification: 'Other',
    tags: ['fails'],
    permissions: [],
    products: [],
    parameters: [],
    resources: [{ type: 'genesyscloud_group', label: 'lost', attributes: { name: '${nowhere}' } }],
  },
]
