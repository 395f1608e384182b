import { subjectProblem } from '../../shared/subject.ts'

/**
 * The subject on which a hook of type event publishes, from its `target` and the source event's subject:
 *
 *   ops.clusters.*.alerts   walks both side by side: `*` takes the source's current token, a literal that equals it
 *                           moves on, one that does not leaves the cursor where it is
 *   alerts, x.y             neither `*` nor `ops.` in front: takes the place of the source's last token
 *   ops.a.b                 is the subject itself
 */
export function targetSubject(target: string, source: string): { subject: string } | { problem: string } {
  const lower = target.toLowerCase()
  if (lower.includes('*')) return filled(lower, source)
  return checked(lower.startsWith('ops.') ? lower : withLast(lower, source), target)
}

function filled(target: string, source: string): { subject: string } | { problem: string } {
  const tokens = source.split('.')
  const made: string[] = []
  let cursor = 0
  for (const part of target.split('.')) {
    const token = tokens[cursor]
    if (part === '*' && token === undefined) {
      return {
        problem: `Cannot fill target "${target}": "${source}" has no token left for "*" ${made.length + 1}`,
      }
    }
    made.push(part === '*' ? (token ?? '') : part)
    if (part === '*' || part === token) cursor++
  }
  return checked(made.join('.'), target)
}

const withLast = (suffix: string, source: string) =>
  `${source.slice(0, source.lastIndexOf('.') + 1)}${suffix}`

function checked(subject: string, target: string): { subject: string } | { problem: string } {
  const problem =
    subjectProblem(subject) ?? (subject.startsWith('ops.') ? undefined : 'it is not under "ops."')
  if (problem) return { problem: `Cannot publish on "${subject}", made from target "${target}": ${problem}` }
  return { subject }
}
