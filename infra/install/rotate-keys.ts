import type { Draw } from './make.ts'
import type { Step } from './rotate.ts'
import { type Secret, secretOf } from './secret.ts'
import { holdersOf, installed, type Process, type Variable, workloadsOf } from './secrets.ts'

/**
 * A secret that one process writes with and others read by, each of them all that it holds: the readers learn the new
 * one, then the writer begins with it, then the old one is forgotten. Which of these is next shows in what they hold.
 */
export const nextKeys =
  (about: { variable: Variable; writer: Process; encoding: Parameters<Draw>[0] }) =>
  (secrets: Secret[], draw: Draw): Step => {
    const { variable, writer, encoding } = about
    const readers = holdersOf(variable).filter(process => process !== writer)
    const held = (process: Process) =>
      (secretOf(secrets, installed[process].workload).data[variable] ?? '').split(',')
    const holding = (processes: Process[], keys: string[]) =>
      processes.map(process => {
        const secret = secretOf(secrets, installed[process].workload)
        return { ...secret, data: { ...secret.data, [variable]: keys.join(',') } }
      })

    const [written = '', ...former] = held(writer)
    const [fresh] = held(readers[0] ?? writer).filter(key => key !== written)
    if (fresh === undefined)
      return {
        changed: holding(readers, [written, draw(encoding)]),
        next: `Start ${workloadsOf(readers)} anew; when all of them run again: the same command once more`,
      }
    if (former.length === 0)
      return {
        changed: holding([writer], [fresh, written]),
        next: `Start ${workloadsOf([writer])} anew; when all of it is ready again: the same command once more`,
      }
    return {
      changed: holding([writer, ...readers], [written]),
      next: `Start ${workloadsOf(readers)} anew. That was the last step: the old one opens nothing any more`,
    }
  }
