import { type CloudEvent, cloudEvent } from '@google-cloud/functions-framework'
import { readHooks } from './hooks.ts'

const hooks = new Map(readHooks().map(hook => [hook.id, hook]))

cloudEvent('deliver', async (event: CloudEvent<unknown>) => {
  const { hook: id, ...sent } = event
  const hook = hooks.get(String(id))
  if (!hook) throw new Error(`There is no hook "${id}"`)
  const response = await fetch(hook.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'webhook-id': `${hook.id}/${event.id}` },
    body: JSON.stringify({ event: sent, hook: hook.id }),
  })
  await response.text()
  if (!response.ok) throw new Error(`${hook.url} answered ${response.status}`)
})
