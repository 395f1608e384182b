import type { Stored } from '../../shared/objects.ts'
import type { TaskSpec } from '../../shared/resources/task.ts'
import type { PreparedStep } from './script/step.ts'

/** Where steps run: a node, a host, or here. `name` is its true one, and the step's `HOSTNAME`. */
export type Place = { name: string }

/** What is run where. */
export type Work = {
  run: Stored<'TaskRun'>
  task: Stored<'Task'>
  /** The environment of every step, without what steps before it made. */
  at: { place: Place; env: Record<string, string>; steps: PreparedStep[] }[]
  /** `OPSSERVER_ENDPOINT`, which holds the run's token: it stands in no command line, log or object but a Secret. */
  endpoint: string
  /** What may be seen nowhere in an output. */
  secrets: string[]
  /** Then it is stopped, whatever it does. */
  deadline: Date
}

/** What became of a step. `output` is masked and cut to what a status holds. */
export type StepReport = {
  name: string
  status: 'Successed' | 'Failed' | 'Skipped'
  output: string
  /** Why it failed or was skipped: what it exited with, its time limit, what cannot be read. */
  message?: string
  /** Printed as `OPS_RESULT:key=value`. */
  results: Record<string, string>
  /** Printed as `OPS_FINDING:{json}`, or why that could not be read. */
  findings: Finding[]
}
export type Finding = { data: Record<string, unknown> } | { problem: string }

/** What became of the steps at one place. Those that were not come to are not in there. */
export type PlaceReport = {
  place: string
  runStatus: 'Successed' | 'Failed' | 'Aborted'
  message?: string
  startTime: string
  completionTime: string
  steps: StepReport[]
}

/** Which step is under way, and why it does not get on if that is known: an image that cannot be pulled, say. */
export type UnderWay = { place: string; step?: string; message?: string }

/**
 * How a run stands. `running`: past the deadline in its status with where it is, and with what has become of all places
 * so far, a step under way counting as failed: what to say of it once it is stopped. `lost`: whatever ran it is gone, and
 * nobody will ever know what came of it.
 */
export type Report =
  | { state: 'running'; at?: UnderWay[]; places?: PlaceReport[] }
  | { state: 'ended'; places: PlaceReport[] }
  | { state: 'lost'; reason: string; places: PlaceReport[] }

/** What runs the steps of Tasks: all are asked in the same way. */
export type Executor = {
  /** At so many places of a run it works at once; absent, at all of them. */
  atOnce?: number
  /** Where a Task's `host` is (undefined: anywhere), or why that is nowhere; `never`: and cannot be, as it is written. */
  places(asked: {
    run: Stored<'TaskRun'>
    task: TaskSpec
    host: string | undefined
  }): Promise<Place[] | { problem: string; never?: true }>
  /**
   * Starts the work; once for a run, however often it is called. Resolves when it is started where that goes on without
   * us, else when it has ended. @throws Error where nothing was started that a second call would not find
   */
  start(work: Work): Promise<Report>
  /** How a run stands that was started before, by this process or by one that is gone. */
  look(run: Stored<'TaskRun'>): Promise<Report>
  /** Ends all of it that still runs, and takes away what was made for it. */
  stop(run: Stored<'TaskRun'>, why: string): Promise<void>
}
