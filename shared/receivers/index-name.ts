import { percentDecoded } from '../path.ts'
import type { Flaw, Settings } from './settings.ts'

/** Where documents go: the path in front of the index, without a slash at its end, and the index. */
export type Target = { base: string; index: string }

/**
 * The index of a url's path or of `options.index`, with its date placeholders filled (UTC):
 *
 *   https://host/ops-{date}                  ops-2026.01.31
 *   https://host/es/ops-{YYYY-MM}/_doc       ops-2026-01, behind /es
 *   https://host/es + options.index          the option's, behind /es
 */
export function targetOf(url: URL, option: string | undefined, at: Date): Target | { flaw: Flaw } {
  const { base, named } = partsOf(url, option !== undefined && option !== '')
  const index = dated(option || percentDecoded(named) || '', at)
  if (index === '')
    return { flaw: { field: 'options.index', problem: 'is missing, and the url does not end in an index' } }
  const problem = problemOf(index)
  if (problem) return { flaw: { field: option ? 'options.index' : 'url', problem } }
  return { base: base.map(part => `/${part}`).join(''), index }
}

/** What keeps Elasticsearch from getting anything: no date makes a name good or bad. */
export function indexFlaws({ url, options }: Settings): Flaw[] {
  const target = url && targetOf(url, options.index, new Date(0))
  return target && 'flaw' in target ? [target.flaw] : []
}

// In front of `/_doc` or `/_bulk` stands an index, else at the end, unless the option has it.
function partsOf(url: URL, option: boolean): { base: string[]; named: string } {
  const parts = url.pathname.split('/').filter(part => part !== '')
  const end = parts.findIndex(part => part.startsWith('_'))
  if (end < 0 && option) return { base: parts, named: '' }
  const path = end < 0 ? parts : parts.slice(0, end)
  return { base: path.slice(0, -1), named: path.at(-1) ?? '' }
}

function dated(pattern: string, at: Date): string {
  const [year = '', month = '', day = ''] = at.toISOString().slice(0, 10).split('-')
  const dates: Record<string, string> = {
    '{date}': `${year}.${month}.${day}`,
    '{YYYY.MM.DD}': `${year}.${month}.${day}`,
    '{YYYY-MM-DD}': `${year}-${month}-${day}`,
    '{YYYYMMDD}': `${year}${month}${day}`,
    '{YYYY.MM}': `${year}.${month}`,
    '{YYYY-MM}': `${year}-${month}`,
    '{YYYY}': year,
  }
  return pattern.replaceAll(/\{[\w.-]+\}/g, placeholder => dates[placeholder] ?? placeholder)
}

// "Create index": what a name may be. The url is a secret: its part is not shown.
function problemOf(index: string): string | undefined {
  if (/[{}]/.test(index)) return `has a placeholder that is none of ${placeholders}`
  if (Buffer.byteLength(index) > 255) return 'has an index whose name is longer than 255 bytes'
  if (/[A-Z]/.test(index)) return 'has an index with capital letters, which no index has'
  if (/^[-_+.]|[\s"*,/<>?\\|#:]/.test(index)) {
    return 'has an index with a character that no index has: a blank or one of "*,/<>?\\|#:, or - _ + . in front'
  }
  return undefined
}

const placeholders = '{date}, {YYYY.MM.DD}, {YYYY-MM-DD}, {YYYYMMDD}, {YYYY.MM}, {YYYY-MM}, {YYYY}'
