import { readFileSync } from 'node:fs'
import { z } from 'zod'
import type { Rule } from '../classify/rule.ts'
import { parseRules } from '../classify/rules.ts'
import { type Classify, classifierOf } from '../classify.ts'
import { type Log, messageOf } from '../log.ts'
import { rereading } from './reread.ts'

/** The variable that names a file of users' rules: one that can be used when the process starts. */
export const classificationFile = z
  .string()
  .superRefine((path, context) => {
    try {
      parseRules(readFileSync(path, 'utf8'))
    } catch (error) {
      context.addIssue(`cannot use the rules of ${path}: ${messageOf(error)}`)
    }
  })
  .optional()

/**
 * Classifies by the rules of `file` where there is one, and by the tables. The file is read again when it changes; one
 * that cannot be used leaves the rules in force that it held, and is said.
 */
export function openClassifier(about: { file: string | undefined; log: Log; now?: () => number }): Classify {
  const { file, log, now = () => performance.now() } = about
  if (!file) return classifierOf()
  const rules = rereading<Rule[]>(file, {
    otherwise: [],
    use(text) {
      const read = parseRules(text)
      log.info({ file, rules: read.length }, 'Rules of classification read')
      return read
    },
    failed: error => log.error({ file, err: messageOf(error) }, 'Rules of classification stay as they were'),
    now,
  })
  return classifierOf(rules)
}
