import { type CloudEvent, cloudEvent } from '@google-cloud/functions-framework'
import { jetstream } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { Redis } from 'ioredis'
import { readHooks } from './hooks.ts'

// The plain way: one hook after the other, a key claimed in Redis, a publish awaited.
const { EVENT_ENDPOINT = '', REDIS_URL = '' } = process.env
const js = jetstream(await connect({ servers: EVENT_ENDPOINT }))
const redis = new Redis(REDIS_URL)
const hooks = readHooks()

cloudEvent('evaluate', async (event: CloudEvent<Record<string, unknown>>) => {
  const { subject = '', data = {} } = event
  const text = textOf(data)
  for (const { id, subject: pattern, include, exclude } of hooks) {
    if (!matches(pattern, subject)) continue
    if (exclude.some(word => text.includes(word)) || !include.some(word => text.includes(word))) continue
    const key = `${id}/${event.id}`
    if ((await redis.set(`naive:${key}`, '1', 'EX', 3600, 'NX')) === null) continue
    const delivery = { ...event, hook: id }
    await js.publish(`deliveries.${id.replace('/', '.')}`, JSON.stringify(delivery), { msgID: key })
  }
})

function matches(pattern: string, subject: string): boolean {
  const wants = pattern.split('.')
  const has = subject.split('.')
  for (let at = 0; at < wants.length; at++) {
    if (wants[at] === '>') return has.length > at
    if (wants[at] !== '*' && wants[at] !== has[at]) return false
  }
  return wants.length === has.length
}

function textOf(data: Record<string, unknown>): string {
  const shown = { ...data, [String(data.kind)]: data.name, timestamp: data.eventTime }
  return ['cluster', 'namespace', String(data.kind), 'type', 'reason', 'timestamp', 'from', 'message']
    .map(label => `${label}: ${shown[label as keyof typeof shown]} \n`)
    .join('')
}
