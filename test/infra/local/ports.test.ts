import { expect, test } from 'vitest'
import { choosePorts, freePort } from '../../../infra/local/ports.ts'

test('two processes never get the same port, though they want it', async () => {
  const wanted = await freePort()
  const row = (name: string) => ({
    name,
    door: '',
    port: { env: 'NO_SUCH', otherwise: wanted, whenTaken: '' },
  })
  const ports = await choosePorts([row('one'), row('other')], {}, () => {})
  expect(ports.one).toBeGreaterThanOrEqual(wanted)
  expect(ports.other).toBeGreaterThan(ports.one ?? 0)
})
