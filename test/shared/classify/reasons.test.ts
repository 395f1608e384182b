import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { ofReason } from '../../../shared/classify/messages.ts'
import { reasons } from '../../../shared/classify/reasons.ts'
import { rowsOf } from '../../../shared/classify/tables.ts'

const folder = fileURLToPath(new URL('../../fixtures/reasons/', import.meta.url))

/** What is read from the sources: reason, component, type, versions. */
const extracted = (file: string) =>
  readFileSync(`${folder}${file}`, 'utf8')
    .trimEnd()
    .split('\n')
    .filter(line => !line.startsWith('#'))
    .map(line => line.split('\t'))

const categories = [
  ...['config', 'image', 'lifecycle', 'network', 'node', 'notification', 'probe', 'resource'],
  ...['scaling', 'scheduling', 'security', 'task', 'volume'],
]

describe('the table of reasons', () => {
  it.each(globSync('*.txt', { cwd: folder }).sort())('has a row for each reason of %s', file => {
    const rows = extracted(file)
    expect(rows.length).toBeGreaterThan(0)
    expect(rows.filter(([reason]) => !rowsOf.has(reason ?? ''))).toEqual([])
  })

  it('knows the categories that there are, and no others', () => {
    const used = new Set(Object.values(reasons).flatMap(rows => Object.keys(rows)))
    expect([...used].sort()).toEqual(categories)
  })

  it('is asked for reasons that somebody gives', () => {
    expect(Object.keys(ofReason).filter(reason => !rowsOf.has(reason))).toEqual([])
    const words = Object.values(reasons).flatMap(rows =>
      Object.values(rows).flatMap(row => Object.values(row).flatMap(text => text.split(' '))),
    )
    expect(words.filter(word => !/^([A-Z]\w+\/)?[A-Z][\w-]+\??$/.test(word))).toEqual([])
  })
})
