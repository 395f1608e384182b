import { describe, expect, it } from 'vitest'
import { batchOf, eventOf } from '../../../functions/bridge/events.ts'
import { item } from './items.ts'

describe('eventOf() and batchOf()', () => {
  const head = { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': 's', 'ce-type': 't' }

  it.each([
    ['{"a":1}', {}, { data: { a: 1 } }],
    ['123', { 'ce-datacontenttype': 'text/plain' }, { data: '123' }],
    ['{"a":1}', { 'ce-datacontenttype': 'application/vnd.x+json' }, { data: { a: 1 } }],
    ['not json', {}, { data: 'not json' }],
  ])('reads %j with %j', (text, more, data) => {
    expect(eventOf(item({ text, headers: { ...head, ...more } }))).toMatchObject({
      event: { id: '1', ...data },
    })
  })

  it('has no data for no payload, and base64 for bytes', () => {
    expect(eventOf(item({ text: '', headers: head }))).toEqual({
      event: { specversion: '1.0', id: '1', source: 's', type: 't' },
    })
    const bytes = item({ headers: head })
    bytes.pulled.payload = new Uint8Array([255, 0])
    expect(eventOf(bytes)).toMatchObject({ event: { data_base64: '/wA=' } })
  })

  it('says what is wrong', () => {
    expect(eventOf(item({ text: 'x' }))).toMatchObject({ problem: expect.stringContaining('not JSON') })
    expect(eventOf(item({ text: '[]' }))).toMatchObject({ problem: 'a CloudEvent is a JSON object' })
  })

  it('passes bytes through, and adds the attempt only to what ends as an object', () => {
    const again = (text: string) => ({ ...item({ text }), attempts: 1 })
    const texts = ['{"a":1}', '{"a":1} \n', '{}', 'x', '', '{"a":1},', '{"a":1,}']
    expect(String(batchOf(texts.map(text => item({ text }))))).toBe(`[${texts.join(',')}]`)
    expect(texts.map(text => String(batchOf([again(text)])))).toEqual([
      ...['[{"a":1,"attempt":2}]', '[{"a":1,"attempt":2}]', '[{}]', '[x]', '[]', '[{"a":1},]', '[{"a":1,}]'],
    ])
  })
})
