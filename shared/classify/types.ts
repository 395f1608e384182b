import type { Severity } from '../severity.ts'

/** What the CloudEvents of our own types are about (`type`), and how bad they are where they do not say. */
export const ofType = new Map<string, { category: string; severity: Severity }>([
  ['Host', { category: 'node', severity: 'info' }],
  ['Cluster', { category: 'node', severity: 'info' }],
  ['TaskRun', { category: 'task', severity: 'info' }],
  ['PipelineRun', { category: 'task', severity: 'info' }],
  ['TaskRunReport', { category: 'task', severity: 'info' }],
  ['Controller', { category: 'lifecycle', severity: 'info' }],
  ['Digest', { category: 'notification', severity: 'warning' }],
])

/** The same by the last token of the subject, or `notifications` for those of other systems. */
export const ofObservation = new Map<string, { category: string; severity: Severity }>([
  ['notifications', { category: 'notification', severity: 'info' }],
  ['alerts', { category: 'notification', severity: 'warning' }],
  ['findings', { category: 'task', severity: 'info' }],
])

/** How bad a status is: of hosts and clusters, of runs, of findings, and of Alertmanager's alerts. */
export const ofStatus = new Map<string, Severity>([
  ['Failed', 'error'],
  ['Aborted', 'error'],
  ['DataInValid', 'error'],
  ['alerting', 'warning'],
  ['firing', 'warning'],
  ['normal', 'info'],
  ['resolved', 'info'],
  ['Successed', 'info'],
])

/** And `data.type` of Kubernetes' events, which knows only two. */
export const ofKubeType = new Map<string, Severity>([
  ['Warning', 'warning'],
  ['Normal', 'info'],
])
