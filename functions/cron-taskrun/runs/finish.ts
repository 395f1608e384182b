import { messageOf } from '../../../shared/log.ts'
import type { Stored } from '../../../shared/objects.ts'
import { done, type Outcome } from '../../../shared/outcome.ts'
import type { Report } from '../executor.ts'
import type { World } from '../world.ts'
import { tellFindings } from './findings.ts'
import { type Ending, lastStatus } from './status.ts'
import { writeUnlessEnded } from './write.ts'

/**
 * Ends a run with what it has come to: its findings go out, then its status stands, then what was made for it goes. After
 * a crash anywhere in between the same again comes to the same.
 */
export async function finish(run: Stored<'TaskRun'>, ending: Ending, world: World): Promise<Outcome> {
  const { settings, publish } = world
  const now = world.now()
  const places = await tellFindings(ending.places, { run, cluster: settings.cluster, now }, publish)
  const ended = await writeUnlessEnded(
    run,
    ({ status }) => lastStatus(status, { ...ending, places }, now),
    world,
  )
  if (ended) {
    const { runStatus, message } = ended.status
    world.log.info({ run: idOfRun(run), runStatus, ...(message && { message }) }, 'Run ended')
  }
  return tidy(run, world)
}

/** Takes away what was made for a run that has ended: where it ended in the hands of a process, nothing else is left. */
export async function tidy(
  run: Stored<'TaskRun'>,
  world: Pick<World, 'tokens' | 'executor'>,
): Promise<Outcome> {
  await world.tokens.drop(run.metadata.uid)
  if (run.status.executor !== 'kubernetes') return done
  const executor = await world.executor('kubernetes')
  await executor?.stop(run, 'The run has ended')
  return done
}

/** What a look or a start told, as the end of a run. */
export const endingOf = (report: Exclude<Report, { state: 'running' }>): Ending =>
  report.state === 'ended'
    ? { places: report.places }
    : { places: report.places, because: { runStatus: 'Aborted', message: report.reason } }

/** Ends a run by what a start or a look told, unless it still runs. */
export const concluded = async (run: Stored<'TaskRun'>, report: Report, world: World): Promise<Outcome> =>
  report.state === 'running' ? done : finish(run, endingOf(report), world)

/** Of a run whose end nobody else knows: tries for so many milliseconds to have it written down. */
const insistFor = 15 * 60_000
const longestPause = 10_000

/** Does it until it works: what this process alone knows is lost otherwise. Rejects when it never does. */
export async function insist<T>(act: () => Promise<T>, about: object, world: World): Promise<T> {
  const until = world.now().getTime() + insistFor
  for (let pause = 250; ; pause = Math.min(pause * 2, longestPause)) {
    try {
      return await act()
    } catch (error) {
      if (world.now().getTime() >= until) throw error
      world.log.warn({ ...about, err: messageOf(error) }, 'Cannot write down how a run ended, trying again')
      await world.pause(pause)
    }
  }
}

/** As log lines name it. */
export const idOfRun = ({ metadata }: Stored<'TaskRun' | 'PipelineRun'>) =>
  `${metadata.namespace}/${metadata.name}`
