import type { OpsEvent } from './event.ts'
import { isObject } from './json.ts'

/** How bad something is, from the least to the worst. */
export const severities = ['info', 'warning', 'error', 'critical'] as const
export type Severity = (typeof severities)[number]

/** OpenTelemetry's SeverityNumber of each (logs data model): extension `severitynumber`. */
export const severityNumber = { info: 9, warning: 13, error: 17, critical: 21 } as const satisfies Record<
  Severity,
  number
>

/** The word of a number: OpenTelemetry has several for each, and whoever sends may use all of them; `info` for any other. */
export const severityOfNumber = (number: number): Severity => ofNumber(number) ?? 'info'

/** How bad an event says of itself that it is, and where it says so; undefined where it does not. */
export function saidSeverity(event: OpsEvent): { severity: Severity; where: string } | undefined {
  const { severitytext, severitynumber, subject = '' } = event
  const data = isObject(event.data) ? event.data : undefined
  return (
    said(severitytext === undefined ? undefined : ofWord(severitytext), 'severitytext') ??
    said(severitynumber === undefined ? undefined : ofNumber(severitynumber), 'severitynumber') ??
    said(data && ofWord(data.severity), 'data.severity') ??
    // Those of a Kubernetes object say something of the object.
    said(data && event.type !== 'Kube' ? ofLabels(data) : undefined, 'labels.severity') ??
    said(subject.startsWith(notices) ? ofNotice(subject) : undefined, 'subject')
  )
}

const said = (severity: Severity | undefined, where: string) => severity && { severity, where }

const words: Record<Severity, string[]> = {
  critical: ['critical', 'fatal', 'emergency', 'emerg', 'alert', 'page', 'p0'],
  error: ['error', 'err', 'failed', 'p1'],
  warning: ['warning', 'warn', 'p2'],
  info: ['info', 'information', 'notice', 'normal', 'debug', 'trace', 'ok'],
}

const ofTexts = new Map(
  severities.flatMap(severity => words[severity].map(word => [word, severity] as const)),
)

/** `FATAL`, `P1`, and OpenTelemetry's words, which have a number behind them: ERROR2. */
export const ofWord = (word: unknown): Severity | undefined =>
  typeof word === 'string'
    ? (ofTexts.get(word.toLowerCase()) ?? ofTexts.get(word.toLowerCase().replace(/\d$/, '')))
    : undefined

/** OpenTelemetry's logs data model, "SeverityNumber": four each for trace, debug, info, warn, error, fatal. */
export function ofNumber(value: unknown): Severity | undefined {
  const number = Number(value)
  if (!Number.isInteger(number) || number < 1 || number > 24) return undefined
  if (number > 20) return 'critical'
  if (number > 16) return 'error'
  return number > 12 ? 'warning' : 'info'
}

// As Alertmanager posts them: of one alert, or what is common to all.
function ofLabels({ labels, commonLabels }: Record<string, unknown>): Severity | undefined {
  if (isObject(labels)) return ofWord(labels.severity)
  return isObject(commonLabels) ? ofWord(commonLabels.severity) : undefined
}

const notices = 'ops.notifications.'

const ofNotice = (subject: string) => ofWord(/\.severities\.([^.]+)$/.exec(subject)?.[1])
