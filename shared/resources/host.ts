import { z } from 'zod'
import { Time } from './time.ts'

/** `spec` of a Host: a machine that is reached by SSH. */
export const HostSpec = z.strictObject({
  desc: z.string().optional().describe('What it is'),
  address: z.string().min(1).describe('IP address or name'),
  port: z.int().min(1).max(65_535).default(22),
  username: z.string().default('root'),
  secretRef: z
    .string()
    .optional()
    .describe('Name of a Secret with privatekey or password: better than to write them here'),
  password: z.string().optional().describe('In base64'),
  privateKey: z.string().optional().describe('In base64'),
  privateKeyPath: z.string().optional().describe('Path of the key where the connection is made from'),
  timeoutSeconds: z
    .int()
    .min(0)
    .optional()
    .describe('For so long a connection is tried; 0 is the usual time'),
})
export type HostSpec = z.infer<typeof HostSpec>

/** `status` of a Host, as the last probe found it. Numbers are texts with their units, as in the older system. */
export const HostStatus = z.strictObject({
  hostname: z.string().optional(),
  kernelVersion: z.string().optional(),
  distribution: z.string().optional(),
  arch: z.string().optional(),
  diskTotal: z.string().optional(),
  diskUsagePercent: z.string().optional(),
  cpuTotal: z.string().optional(),
  cpuLoad1: z.string().optional(),
  cpuUsagePercent: z.string().optional(),
  memTotal: z.string().optional(),
  memUsagePercent: z.string().optional(),
  acceleratorVendor: z.string().optional(),
  acceleratorModel: z.string().optional(),
  acceleratorCount: z.string().optional(),
  heartStatus: z.string().optional().describe('Successed or Failed'),
  heartTime: Time.optional().describe('When it was last probed'),
})
export type HostStatus = z.infer<typeof HostStatus>
