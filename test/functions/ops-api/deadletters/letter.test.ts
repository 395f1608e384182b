import { headers } from '@nats-io/transport-node'
import { describe, expect, it } from 'vitest'
import {
  contentsOf,
  hookOf,
  letterOf,
  replayMessage,
} from '../../../../functions/ops-api/deadletters/letter.ts'
import type { Stored } from '../../../../shared/adapters/browse.ts'

const structured = { 'content-type': 'application/cloudevents+json' }

function stored(payload: string, head: Record<string, string>, subject = 'deadletters.t.a.b.events'): Stored {
  const made = headers()
  for (const [name, value] of Object.entries(head)) made.set(name, value)
  return { seq: 7, stored: 1_790_000_000_000, subject, headers: made, payload: Buffer.from(payload) }
}

function sentAgain(letter: Stored) {
  const contents = contentsOf(letter)
  if ('problem' in contents) throw new Error(contents.problem)
  return replayMessage(letter, contents, { replayId: 'r', now: 5_000 })
}

describe('replayMessage()', () => {
  it('is the event as it was, to the digit', () => {
    const event = '{"specversion":"1.0","id":"1","source":"s","type":"t","subject":"ops.a.b.events"'
    const data = '"data":{"n":12345678901234567890}'
    const told = '"knativeerrordest":"http://x","knativeerrorcode":503,"knativeerrordata":"no"'
    const message = sentAgain(
      stored(`${event},${data},${told}}`, { ...structured, 'Ops-Subject': 'ops.a.b.events' }),
    )
    expect(message.payload).toBe(`${event},${data}}`)
    expect(message.subject).toBe('retries.t.1.a.b.events')
    expect(message.headers).toEqual({
      ...structured,
      ...{ 'Ops-Trigger': 't', 'Ops-Subject': 'ops.a.b.events', 'Ops-Attempts': '0' },
      ...{ 'Ops-First-Time': '5000', 'Ops-Due': '5000', 'Ops-Stream': 'deadletters', 'Ops-Sequence': '7' },
    })
  })

  it('is what came in place of an event, with the headers that say how to read it', () => {
    const message = sentAgain(
      stored('a text', { 'content-type': 'text/plain', 'ce-id': '1', 'Ops-Reason': 'no' }),
    )
    expect(String(message.payload)).toBe('a text')
    expect(message.headers).toMatchObject({ 'content-type': 'text/plain', 'ce-id': '1' })
    expect(message.headers).not.toHaveProperty('Ops-Reason')
  })

  it('has one id for one replay of one letter, and another for any other', () => {
    const letter = stored('x', { 'ce-id': '1' })
    const id = (replayId: string, more: Partial<Stored> = {}) =>
      replayMessage(
        { ...letter, ...more },
        { headers: {}, body: letter.payload },
        { replayId, now: Math.random() },
      ).id
    expect(id('r')).toBe(id('r'))
    expect(new Set([id('r'), id('other'), id('r', { seq: 8 }), id('r', { stored: 1 })]).size).toBe(4)
  })
})

describe('contentsOf()', () => {
  it('knows a delivery by what it carries', () => {
    const delivery = {
      specversion: '1.0',
      id: '1',
      source: 's',
      type: 't',
      hook: 'a/b',
      deliveryid: 'd',
      hookrevision: 'r',
    }
    expect(hookOf(contentsOf(stored(JSON.stringify(delivery), structured)))).toBe('a/b')
    expect(
      hookOf(contentsOf(stored(JSON.stringify({ ...delivery, deliveryid: undefined }), structured))),
    ).toBeUndefined()
  })

  it('says so where nothing but the story was kept', () => {
    expect(contentsOf(stored('', { 'Ops-Reason': 'no' }))).toEqual({
      problem: 'its event was too large to be kept with its story',
    })
  })
})

it('letterOf() tells what can be told of one that nobody of ours wrote', () => {
  expect(letterOf({ ...stored('x', {}), headers: undefined })).toEqual({
    ...{ id: '7', time: '2026-09-21T14:13:20.000Z', trigger: 't', subject: 'a.b.events', reason: '' },
    ...{ attempts: 0, bytes: 1 },
  })
})
