import { inWords } from '../../../shared/duration.ts'
import { type OpsEvent, ownSource } from '../../../shared/event.ts'
import {
  correlationOfPattern,
  keyName,
  type PatternKey,
  patternSubject,
  tellingId,
} from '../../../shared/patterns/key.ts'
import { severityOfNumber } from '../../../shared/severity.ts'
import type { Found } from './find.ts'
import type { Samples } from './samples.ts'

/** Turns of telling: in each a pattern has one id. */
export const turnAt = (time: number, window: number): number => Math.floor(time / window)

const longestMessage = 1_000

/** The event that tells a pattern: by its id once in a turn, whoever tells it. */
export function tellingOf(
  one: Found,
  about: Samples | undefined,
  window: number,
): OpsEvent & { subject: string } {
  const { key, seen, judged, severity, time } = one
  const { samples = [], template = '', category = '' } = about ?? {}
  const [newest] = samples
  return {
    specversion: '1.0',
    id: tellingId(key, turnAt(time, window)),
    source: ownSource,
    type: 'Pattern',
    subject: patternSubject(key),
    time: new Date(time).toISOString(),
    datacontenttype: 'application/json',
    cluster: key.cluster,
    ...(category && { category }),
    severitytext: severityOfNumber(severity),
    severitynumber: severity,
    correlationid: correlationOfPattern(key, time),
    ...(newest && { causationid: newest.id }),
    data: {
      ...key,
      key: keyName(key),
      verdict: judged.verdict,
      count: seen.count,
      frequency: judged.frequency,
      ...(judged.ratio !== undefined && { ratio: judged.ratio }),
      history: judged.history,
      firstSeen: seen.first.toISOString(),
      lastSeen: seen.last.toISOString(),
      template,
      samples: samples.map(({ id, time: at, name, message }) => ({
        ...{ id, time: at.toISOString(), name },
        message: message.slice(0, longestMessage).toWellFormed(),
      })),
      message: messageOf(one, template),
    },
  }
}

/** `BackOff of Pod in shop: 12 times in 5m0s, 2.4 a minute, 12 times the usual: Back-off restarting …` */
function messageOf({ key, seen, judged }: Found, template: string): string {
  const lasted = seen.last.getTime() - seen.first.getTime()
  const times = `${seen.count} times ${lasted < 1_000 ? 'at once' : `in ${inWords(lasted)}`}`
  const parts = [times, `${judged.frequency} a minute`, comparedWith(judged)].filter(part => part !== '')
  return `${whatIs(key)}: ${parts.join(', ')}${template && `: ${template}`}`
}

function whatIs({ reason, kind, namespace }: PatternKey): string {
  return `${reason}${kind && ` of ${kind}`}${namespace && ` in ${namespace}`}`
}

function comparedWith({ verdict, ratio, history }: Found['judged']): string {
  if (verdict === 'new') return `never seen in the ${history} days before`
  return ratio === undefined ? '' : `${ratio} times the usual`
}
