import { z } from 'zod'
import { HookSpec } from './hook.ts'
import { ClusterSpec, ClusterStatus } from './resources/cluster.ts'
import { HookStatus } from './resources/hook-status.ts'
import { HostSpec, HostStatus } from './resources/host.ts'
import { PipelineSpec } from './resources/pipeline.ts'
import { PipelineRunSpec, PipelineRunStatus } from './resources/pipeline-run.ts'
import { SilenceStatus } from './resources/silence.ts'
import { TaskSpec } from './resources/task.ts'
import { TaskRunSpec, TaskRunStatus } from './resources/task-run.ts'
import { SilenceSpec } from './silence.ts'

const Nothing = z.strictObject({})

/** Every kind of resource of ours, all namespaced: what it is called in the API, and what it holds. */
export const resources = {
  EventHooks: { plural: 'eventhooks', spec: HookSpec, status: HookStatus },
  Silence: { plural: 'silences', spec: SilenceSpec, status: SilenceStatus },
  Task: { plural: 'tasks', spec: TaskSpec, status: Nothing },
  TaskRun: { plural: 'taskruns', spec: TaskRunSpec, status: TaskRunStatus },
  Pipeline: { plural: 'pipelines', spec: PipelineSpec, status: Nothing },
  PipelineRun: { plural: 'pipelineruns', spec: PipelineRunSpec, status: PipelineRunStatus },
  Host: { plural: 'hosts', spec: HostSpec, status: HostStatus },
  Cluster: { plural: 'clusters', spec: ClusterSpec, status: ClusterStatus },
} as const
export type Kind = keyof typeof resources
