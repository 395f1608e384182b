import { expect, it } from 'vitest'
import { clientOf } from '../../../infra/ops/client.ts'
import { openReceiver } from '../../chain.ts'

it('asks for a stream by its name: what stands in between may keep back any other answer until its end', async () => {
  const { url, calls } = await openReceiver()
  await clientOf({ url, token: 'a-token' }).follow('/tail').next()
  expect(calls).toMatchObject([{ path: '/api/v1/tail', headers: { accept: 'text/event-stream' } }])
})
