import { misused, Trouble } from './client.ts'
import type { Given } from './command.ts'
import { lengthOf, momentOf } from './times.ts'

/** The silence that the options of `silences add` describe, as ops-api takes it. @throws Trouble naming the option */
export function newSilence(given: Given, now: number): object {
  const text = (name: string) => (given[name] === undefined ? undefined : String(given[name]))
  const [length, cron, from, until] = [text('for'), text('cron'), text('from'), text('until')]
  if (cron && !length) throw new Trouble(misused, '--cron needs --for: how long it lasts each time')
  if (!cron && !length && !until) throw new Trouble(misused, 'Give --for 2h or --until, or --cron with --for')
  if (!cron && length && until) throw new Trouble(misused, 'Give --for or --until, not both')
  const begin = from === undefined ? now : momentOf(from, 'from', now)
  const end = !cron && length ? begin + lengthOf(length, 'for') : undefined
  const [namespace, name] = text('name')?.split('/') ?? []
  if (text('name') !== undefined && !name)
    throw new Trouble(misused, `--name is "${text('name')}", it has to be namespace/name`)
  return {
    ...(name && { namespace, name }),
    ...(given.subject !== undefined && { subject: given.subject }),
    ...(given.comment !== undefined && { comment: given.comment }),
    ...(given.hook !== undefined && { hooks: given.hook }),
    matchers: [given.match ?? []].flat().map(one => matcherOf(String(one))),
    ...(from && { from: new Date(begin).toISOString() }),
    ...(end !== undefined && { until: new Date(end).toISOString() }),
    ...(until && { until: new Date(momentOf(until, 'until', now)).toISOString() }),
    ...(cron && { schedule: { cron, duration: length, ...zoneOf(text('time-zone')) } }),
  }
}

const zoneOf = (timeZone: string | undefined) => (timeZone === undefined ? {} : { timeZone })

function matcherOf(text: string): { name: string; op: string; value: string } {
  const [, name, op, value] = /^([^=!~]+)(=~|!~|!=|=)(.*)$/s.exec(text) ?? []
  if (!name || !op || value === undefined)
    throw new Trouble(misused, `--match is "${text}", it has to be name=value, or with !=, =~ or !~`)
  return { name, op, value }
}
