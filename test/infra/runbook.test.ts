import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'

const text = (path: string) => readFileSync(new URL(`../../infra/${path}`, import.meta.url), 'utf8')
const Rule = z.object({ alert: z.string(), annotations: z.object({ runbook: z.string() }) })
const rules = z
  .object({ groups: z.array(z.object({ rules: z.array(Rule) })) })
  .parse(parse(text('prometheus/rules.yaml')))
  .groups.flatMap(group => group.rules)

it('each alert leads to its section of the runbook', () => {
  expect(rules.map(({ annotations }) => annotations.runbook)).toEqual(
    rules.map(({ alert }) => `infra/operate/runbook.md#${alert.toLowerCase()}`),
  )
})

it.each(['runbook.md', 'runbook.zh-CN.md'])('%s has a section for each alert, in their order', file => {
  const sections = [...text(`operate/${file}`).matchAll(/^### (\w+)$/gm)].map(([, name]) => name)
  expect(sections).toEqual(rules.map(({ alert }) => alert))
})
