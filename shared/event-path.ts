import { quoted } from './refusal.ts'
import { observations, subjectProblem, token } from './subject.ts'

/** Where events stand that do not say it themselves. */
export type Place = { cluster: string; namespace: string }

const nodeForm = new RegExp(`^(nodes)\\.([^.]+(?:\\.[^.]+)*)\\.(${observations.join('|')})$`, 'i')

/**
 * The subject that a caller means by `event`, lower-cased: one that begins with `ops.` as it stands; one of `nodes.` in
 * the cluster, where all between `nodes` and the observation is one name; any other in the namespace. Forbidden
 * characters and empty tokens are refused, not replaced: they are the caller's.
 */
export function subjectOf(event: string, place: Place): { subject: string } | { problem: string } {
  const subject = placed(event, place)
  if (subject === undefined)
    return {
      problem: `Cannot publish in namespace ${quoted(place.namespace)}: a "." cannot stand in its name`,
    }
  // Checked before it is lower-cased: the Kelvin sign, for one, would become a "k".
  const problem = subjectProblem(subject)
  return problem
    ? { problem: `Cannot publish on ${quoted(subject)}: ${problem}` }
    : { subject: subject.toLowerCase() }
}

function placed(event: string, { cluster, namespace }: Place): string | undefined {
  if (/^ops\./i.test(event)) return event
  const start = `ops.clusters.${token(cluster)}.`
  if (/^nodes\./i.test(event)) {
    return (
      start +
      event.replace(nodeForm, (_, nodes: string, name: string, observation: string) =>
        [nodes, name.replaceAll('.', '_'), observation].join('.'),
      )
    )
  }
  return namespace.includes('.') ? undefined : `${start}namespaces.${namespace}.${event}`
}
