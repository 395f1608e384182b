import { z } from 'zod'
import { Time } from './time.ts'

/** `spec` of a Cluster: a Kubernetes cluster that is watched over. */
export const ClusterSpec = z.strictObject({
  desc: z.string().optional().describe('What it is'),
  server: z.string().optional().describe('URL of its API server'),
  config: z.string().optional().describe('Its kubeconfig, in base64'),
  token: z.string().optional().describe('A token for the server, in place of a kubeconfig'),
})
export type ClusterSpec = z.infer<typeof ClusterSpec>

const count = z.int().min(0).optional()

/** `status` of a Cluster, as the last probe found it. */
export const ClusterStatus = z.strictObject({
  uid: z.string().optional().describe('UID of its namespace kube-system'),
  version: z.string().optional(),
  node: count.describe('How many nodes it has'),
  pod: count.describe('How many pods it has'),
  runningPod: count.describe('How many of them run'),
  certNotAfterDays: z.int().optional().describe('Days until the certificate of its API server expires'),
  heartStatus: z.string().optional().describe('Successed or Failed'),
  heartTime: Time.optional().describe('When it was last probed'),
})
export type ClusterStatus = z.infer<typeof ClusterStatus>
