import { patternCovers, patternProblem, subjectProblem } from '../../shared/subject.ts'

/**
 * Why a text is no target of a hook of type `event`, or undefined when it is one: a subject, a template of one with
 * `*` for tokens of the source's subject, or what replaces the last token of that. Both arguments in lower case.
 */
export function targetProblem(target: string, subject: string): string | undefined {
  if (target.includes('://'))
    return 'for type event it is the subject to publish on, and this is a web address'
  if (target.split('.').includes('>'))
    return 'it has ">": a target takes tokens of the source one by one, with "*"'
  const problem = target.includes('*') ? patternProblem(target) : subjectProblem(target)
  if (problem) return `it is no target subject: ${problem}`
  const [first] = target.split('.')
  if (target.includes('*') && first !== 'ops' && first !== '*') return 'it has to start with "ops."'
  if (sameAgain(target, subject))
    return `it is the subject of the event itself, so that each event would only be published again: change a token of "${target}"`
  return undefined
}

/** Does every event that `subject` matches come out on the very subject it came in on? */
function sameAgain(target: string, subject: string): boolean {
  const replacesLast = !target.includes('*') && !target.startsWith('ops.')
  return replacesLast ? target === subject.split('.').at(-1) : patternCovers(target, subject)
}
