import { relative } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { z } from 'zod'
import { jsonAs } from '../shared/json.ts'

const Test = z.object({ status: z.string(), fullName: z.string(), failureMessages: z.array(z.string()) })
const Report = z.object({
  testResults: z.array(z.object({ name: z.string(), assertionResults: z.array(Test) })),
})

/** Of each failure. */
const mostLines = 12

/**
 * The tests that failed, by Vitest's JSON report: file below the root, name, and how each of its tries began to fail.
 * Nothing where the report is none.
 */
export function failedTests(report: string, root: string): string[] {
  const files = jsonAs(Report, report)?.testResults ?? []
  return files.flatMap(({ name: file, assertionResults }) =>
    assertionResults
      .filter(({ status }) => status === 'failed')
      .map(({ fullName, failureMessages }) =>
        [`${relative(root, file)}: ${fullName}`, ...new Set(failureMessages.map(beginning))].join('\n'),
      ),
  )
}

const beginning = (message: string) =>
  stripVTControlCharacters(message)
    .split('\n')
    .slice(0, mostLines)
    .map(line => `  ${line}`)
    .join('\n')
