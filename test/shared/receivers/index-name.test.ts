import { describe, expect, it } from 'vitest'
import { indexFlaws, targetOf } from '../../../shared/receivers/index-name.ts'

describe('targetOf()', () => {
  const at = new Date('2026-01-31T23:59:59Z')
  it.each([
    ['https://h/ops-{date}', undefined, '', 'ops-2026.01.31'],
    ['https://h/ops-{YYYY.MM.DD}/_doc', undefined, '', 'ops-2026.01.31'],
    ['https://h/ops-{YYYY-MM-DD}/_doc/7', undefined, '', 'ops-2026-01-31'],
    ['https://h/es/ops-{YYYYMMDD}/_bulk', undefined, '/es', 'ops-20260131'],
    ['https://h/ops-{YYYY.MM}', undefined, '', 'ops-2026.01'],
    ['https://h/ops-{YYYY-MM}/', undefined, '', 'ops-2026-01'],
    ['https://h/ops-{YYYY}', undefined, '', 'ops-2026'],
    ['https://h/es', 'ops-{date}', '/es', 'ops-2026.01.31'],
    ['https://h/', 'ops', '', 'ops'],
    ['https://h/old/_doc', 'ops', '', 'ops'],
  ])('finds in %s with option %s', (url, option, base, index) => {
    expect(targetOf(new URL(url), option, at)).toEqual({ base, index })
  })

  it.each<[string, string | undefined, string, RegExp]>([
    ['https://h/', undefined, 'options.index', /is missing/],
    ['https://h/ops-{day}', undefined, 'url', /a placeholder that is none of/],
    ['https://h/Ops', undefined, 'url', /capital letters/],
    ['https://h/a', 'Ops', 'options.index', /capital letters/],
    ['https://h/a,b', undefined, 'url', /a character that no index has/],
    ['https://h/-a', undefined, 'url', /in front/],
    [`https://h/${'a'.repeat(256)}`, undefined, 'url', /longer than 255 bytes/],
  ])('refuses %s with option %s, and says where', (url, option, field, problem) => {
    const flaw = { field, problem: expect.stringMatching(problem) }
    expect(targetOf(new URL(url), option, at)).toEqual({ flaw })
    expect(indexFlaws({ url: new URL(url), options: option ? { index: option } : {} })).toEqual([flaw])
  })
})
