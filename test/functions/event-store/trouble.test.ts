import { describe, expect, it } from 'vitest'
import { troubleOf } from '../../../functions/event-store/trouble.ts'
import { PublishError } from '../../../shared/adapters/publisher.ts'

const coded = (code: string, message = '') => Object.assign(new Error(message), { code })

describe('troubleOf()', () => {
  it.each([
    ['a connection that is refused', coded('ECONNREFUSED'), 'away'],
    ['all addresses of a name refused', new AggregateError([coded('ECONNREFUSED')]), 'away'],
    ['a database that starts', coded('57P03'), 'away'],
    ['a full disk', coded('53100'), 'away'],
    ['too many connections', coded('53300'), 'away'],
    ['a read-only database', coded('25006'), 'away'],
    ['a question that took too long', coded('57014'), 'away'],
    ['a wrong password', coded('28P01'), 'away'],
    ['a right that lacks', coded('42501'), 'away'],
    ['a server that says nothing', new Error('Query read timeout'), 'away'],
    ['a connection that ended', new Error('Connection terminated unexpectedly'), 'away'],
    ['a pool that waited', new Error('timeout exceeded when trying to connect'), 'away'],
    ['a bus that is away', new PublishError('unavailable', 'no answer'), 'away'],
    ['a deadlock', coded('40P01'), 'collision'],
    ['a row without a part', coded('23514'), 'part'],
    ['a number too large', coded('22003'), 'event'],
    ['an index entry too large', coded('54000'), 'event'],
    ['a fault of ours', new TypeError('x is not a function'), 'surprise'],
  ])('takes %s for what it is', (_, error, trouble) => expect(troubleOf(error)).toBe(trouble))
})
