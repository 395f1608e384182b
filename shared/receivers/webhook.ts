import { type Flaw, flawIf, type Settings } from './settings.ts'

/** The form in which a webhook gets its events. */
export type Format = (typeof formats)[number]

const formats = ['json', 'text', 'cloudevent'] as const

/** What `options.format` says, in any case, and `json` where it is not given; undefined for anything else. */
export function formatOf({ format = 'json' }: Record<string, string>): Format | undefined {
  return formats.find(known => known === format.toLowerCase())
}

/** What keeps a webhook from getting anything. */
export const webhookFlaws = ({ options }: Pick<Settings, 'options'>): Flaw[] =>
  flawIf(formatOf(options) === undefined, 'format', `has to be one of ${formats.join(', ')}`)
