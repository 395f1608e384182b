import { expect, it } from 'vitest'
import { putAside } from '../../../functions/bridge/aside.ts'
import { PublishError } from '../../../shared/adapters/publisher.ts'
import { item } from './items.ts'

const letter = { subject: 'deadletters.t.x', payload: '{"larger":1}', id: '1', headers: {} }

it('putAside() tries again until the stream holds it, and tells every failure', async () => {
  const problems: string[] = []
  let tries = 0
  const publish = async () => {
    if (++tries < 2) throw new PublishError('full', 'JetStream is full')
  }
  const world = {
    publish,
    goesOn: () => true,
    waits: true,
    failed: ({ err }: { err: string }) => void problems.push(err),
  }
  expect(await putAside(letter, item(), world)).toBe('held')
  expect(problems).toEqual(['JetStream is full'])
})

it('putAside() stops with the bridge, and the event stays where it was', async () => {
  const publish = () => Promise.reject(new PublishError('unavailable', 'gone'))
  expect(
    await putAside(letter, item(), { publish, goesOn: () => false, waits: true, failed: () => {} }),
  ).toBe('stopped')
})

it('putAside() does not insist on a wait elsewhere that the server refuses', async () => {
  const publish = () => Promise.reject(new PublishError('refused', 'too large'))
  const world = { publish, goesOn: () => true, waits: true, failed: () => {} }
  expect(await putAside({ ...letter, subject: 'retries.t.5.x' }, item(), world)).toBe('impossible')
})

it('putAside() tells that there is no room where nobody can wait for it, except for a dead letter', async () => {
  let tries = 0
  const publish = async () => {
    if (++tries < 3) throw new PublishError('full', 'JetStream is full')
  }
  const world = { publish, goesOn: () => true, waits: false, failed: () => {} }
  expect(await putAside({ ...letter, subject: 'retries.t.5.x' }, item(), world)).toBe('full')
  expect(await putAside(letter, item(), world)).toBe('held')
})
