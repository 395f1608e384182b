import type { Kind } from '../shared/resources.ts'

/** A column of `kubectl get`; one with a priority is shown with `-o wide`. */
export type Column = {
  name: string
  type: 'string' | 'integer' | 'date' | 'boolean'
  jsonPath: string
  priority?: number
}

const column = (name: string, jsonPath: string, type: Column['type'] = 'string'): Column => ({
  name,
  type,
  jsonPath,
})
const ready = (field: string) => `.status.conditions[?(@.type=="Ready")].${field}`
/** The last column of every kind. */
export const age = column('Age', '.metadata.creationTimestamp', 'date')
const runColumns = [
  column('Crontab', '.spec.crontab'),
  column('Last', '.status.lastScheduleTime', 'date'),
  column('Status', '.status.runStatus'),
  column('Started', '.status.startTime', 'date'),
  { ...column('Ended', '.status.completionTime', 'date'), priority: 1 },
  { ...column('Suspended', '.spec.suspend', 'boolean'), priority: 1 },
  { ...column('Message', '.status.message'), priority: 1 },
]

/** What people see and type, by kind. A url has no column: it may hold a key. */
export const shown = {
  EventHooks: {
    shortNames: ['eh', 'eventhook'],
    columns: [
      column('Type', '.spec.type'),
      column('Subject', '.spec.subject'),
      column('Ready', ready('status')),
      { ...column('Message', ready('message')), priority: 1 },
      { ...column('Last error', '.status.lastError'), priority: 1 },
    ],
  },
  Silence: {
    shortNames: [],
    columns: [
      column('Subject', '.spec.subject'),
      column('From', '.spec.from'),
      column('Until', '.spec.until'),
      column('Cron', '.spec.schedule.cron'),
      column('Comment', '.spec.comment'),
      column('Author', '.spec.author'),
      column('Ready', ready('status')),
      { ...column('Message', ready('message')), priority: 1 },
    ],
  },
  Task: { shortNames: [], columns: [column('Desc', '.spec.desc'), column('Host', '.spec.host')] },
  TaskRun: { shortNames: ['tr'], columns: [column('Task', '.spec.taskRef'), ...runColumns] },
  Pipeline: { shortNames: [], columns: [column('Desc', '.spec.desc')] },
  PipelineRun: { shortNames: ['pr'], columns: [column('Pipeline', '.spec.pipelineRef'), ...runColumns] },
  Host: {
    shortNames: [],
    columns: [
      column('Address', '.spec.address'),
      column('Hostname', '.status.hostname'),
      column('CPU', '.status.cpuTotal'),
      column('Mem', '.status.memTotal'),
      column('Disk', '.status.diskUsagePercent'),
      column('Heart', '.status.heartStatus'),
      column('Beat', '.status.heartTime', 'date'),
    ],
  },
  Cluster: {
    shortNames: [],
    columns: [
      column('Server', '.spec.server'),
      column('Version', '.status.version'),
      column('Nodes', '.status.node', 'integer'),
      column('Pods', '.status.pod', 'integer'),
      column('Running', '.status.runningPod', 'integer'),
      column('Cert days', '.status.certNotAfterDays', 'integer'),
      column('Heart', '.status.heartStatus'),
      column('Beat', '.status.heartTime', 'date'),
    ],
  },
} satisfies Record<Kind, { shortNames: string[]; columns: Column[] }>
