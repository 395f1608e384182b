import type { OpsEvent } from '../../shared/event.ts'
import { isObject } from '../../shared/json.ts'
import type { Severity } from './sink.ts'

/**
 * How bad it is: what the event says of itself (`severitytext`, `severitynumber`, `data.severity`, the subject of a
 * notification), else what its type, reason and status mean.
 */
export function severityOf(event: OpsEvent): Severity {
  const data = isObject(event.data) ? event.data : {}
  const [, named] = /^ops\.notifications\..*\.severities\.([^.]+)$/.exec(event.subject ?? '') ?? []
  return (
    ofWord(event.severitytext) ??
    ofNumber(event.severitynumber) ??
    ofWord(data.severity) ??
    ofWord(named) ??
    ofReason(data) ??
    ofStatus(data) ??
    (event.type === 'Digest' ? 'warning' : 'info')
  )
}

const words: Record<Severity, string[]> = {
  critical: ['critical', 'fatal', 'emergency', 'emerg', 'alert', 'page', 'p0'],
  error: ['error', 'err', 'failed', 'p1'],
  warning: ['warning', 'warn', 'p2'],
  info: ['info', 'information', 'notice', 'normal', 'debug', 'trace', 'ok'],
}

const ofTexts = new Map(
  (['critical', 'error', 'warning', 'info'] as const).flatMap(severity =>
    words[severity].map(word => [word, severity] as const),
  ),
)

// OpenTelemetry's words have a number behind them: ERROR2.
const ofWord = (word: unknown) =>
  typeof word === 'string'
    ? (ofTexts.get(word.toLowerCase()) ?? ofTexts.get(word.toLowerCase().replace(/\d$/, '')))
    : undefined

// OpenTelemetry's logs data model, "SeverityNumber": four each for trace, debug, info, warn, error, fatal.
function ofNumber(value: unknown): Severity | undefined {
  const number = Number(value)
  if (!Number.isInteger(number) || number < 1 || number > 24) return undefined
  if (number > 20) return 'critical'
  if (number > 16) return 'error'
  return number > 12 ? 'warning' : 'info'
}

// Kubernetes knows only Normal and Warning, and calls a node that is lost Normal.
const reasons: Record<string, Severity> = {
  NodeNotReady: 'critical',
  SystemOOM: 'critical',
  KernelDeadlock: 'critical',
  OOMKilling: 'error',
  Evicted: 'error',
}
const types: Record<string, Severity> = { Warning: 'warning', Normal: 'info' }

const ofReason = ({ reason, type }: Record<string, unknown>) => own(reasons, reason) ?? own(types, type)

// Of hosts and clusters, of runs, of findings.
const statuses: Record<string, Severity> = {
  Failed: 'error',
  Aborted: 'error',
  DataInValid: 'error',
  alerting: 'warning',
}

const ofStatus = ({ status, runStatus }: Record<string, unknown>) =>
  own(statuses, isObject(status) ? status.heartStatus : status) ?? own(statuses, runStatus)

const own = (table: Record<string, Severity>, key: unknown) =>
  typeof key === 'string' && Object.hasOwn(table, key) ? table[key] : undefined
