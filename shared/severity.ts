/** How bad something is, from the least to the worst. */
export const severities = ['info', 'warning', 'error', 'critical'] as const
export type Severity = (typeof severities)[number]

/** OpenTelemetry's SeverityNumber of each (logs data model): extension `severitynumber`. */
export const severityNumber = { info: 9, warning: 13, error: 17, critical: 21 } as const satisfies Record<
  Severity,
  number
>
