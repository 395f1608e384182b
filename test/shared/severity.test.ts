import { describe, expect, it } from 'vitest'
import { severityOf } from '../../shared/classify.ts'
import type { OpsEvent } from '../../shared/event.ts'

describe('severityOf()', () => {
  it.each<[string, Partial<OpsEvent>]>([
    ['critical', { severitytext: 'FATAL', data: { type: 'Normal' } }],
    ['error', { severitytext: 'ERROR2' }],
    ['warning', { severitytext: 'Warn' }],
    ['info', { severitytext: 'debug', data: { type: 'Warning' } }],
    ['critical', { severitynumber: 21 }],
    ['error', { severitynumber: '17' }],
    ['warning', { severitynumber: 13 }],
    ['info', { severitynumber: 12, data: { type: 'Warning' } }],
    ['warning', { severitynumber: 99, data: { type: 'Warning' } }],
    ['critical', { data: { severity: 'critical' } }],
    ['error', { type: 'Default', data: { labels: { severity: 'error' }, status: 'firing' } }],
    ['info', { data: { labels: { severity: 'error' } } }],
    ['critical', { type: 'Default', data: { commonLabels: { severity: 'page' }, alerts: [] } }],
    ['warning', { data: { status: 'firing' } }],
    ['error', { subject: 'ops.notifications.providers.p.channels.c.severities.error' }],
    ['warning', { data: { type: 'Warning', reason: 'BackOff' } }],
    ['info', { data: { type: 'Normal', reason: 'Scheduled' } }],
    ['critical', { data: { type: 'Normal', reason: 'NodeNotReady' } }],
    ['error', { type: 'Host', data: { status: { heartStatus: 'Failed' } } }],
    ['error', { type: 'TaskRun', data: { runStatus: 'Aborted' } }],
    ['warning', { type: 'TaskRunReport', data: { status: 'alerting' } }],
    ['info', { type: 'TaskRunReport', data: { status: 'normal' } }],
    ['warning', { type: 'Digest', data: { count: 3 } }],
    ['info', { severitytext: 'constructor', data: { reason: 'toString', type: 'valueOf' } }],
    ['info', { data: [1] }],
    ['info', {}],
  ])('is %s for %j', (severity, event) => {
    expect(severityOf({ specversion: '1.0', id: 'e1', source: 's', type: 'Kube', ...event })).toBe(severity)
  })
})
