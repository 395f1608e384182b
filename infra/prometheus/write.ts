// `npm run alerts` writes down the rules for the Prometheus Operator; with --check it only says whether that is fresh.
import { readFileSync } from 'node:fs'
import { parse, stringify } from 'yaml'
import { writeOrCheck } from '../written.ts'

const rules = new URL('rules.yaml', import.meta.url)

/** The PrometheusRule with the rules of Prometheus itself. */
export function ruleFile(): string {
  const rule = {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: {
      name: 'ops-events',
      namespace: 'ops-system',
      labels: { 'app.kubernetes.io/part-of': 'ops-events' },
    },
    spec: parse(readFileSync(rules, 'utf8')),
  }
  return `# Written by \`npm run alerts\` from rules.yaml: change that.\n${stringify(rule, { lineWidth: 0 })}`
}

if (import.meta.main) {
  writeOrCheck([['prometheus/prometheusrule.yaml', ruleFile()]], {
    stale: path => `infra/${path} is not as rules.yaml has it: npm run alerts`,
    fresh: 'The PrometheusRule was fresh already',
  })
}
