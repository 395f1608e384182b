import { expect, it } from 'vitest'
import { openGivenUp } from '../../../functions/bridge/given-up.ts'

it('says twenty at once, then one a second that tells how many it stands for, and never a secret', () => {
  let time = 0
  const said: object[] = []
  const gaveUp = openGivenUp('webhook-deliver', { warn: fields => said.push(fields) }, () => time)
  const item = { subject: 'deliveries.shop.pager', attempts: 3 }
  for (let n = 0; n < 50; n++) gaveUp(item, 'https://a.example/key answered 410')
  expect(said).toHaveLength(20)
  expect(said[0]).toEqual({ trigger: 'webhook-deliver', ...item, reason: 'https://a.example/… answered 410' })
  time = 1_001
  gaveUp(item, 'no')
  gaveUp(item, 'no')
  expect(said.slice(20)).toEqual([{ trigger: 'webhook-deliver', ...item, reason: 'no', others: 30 }])
})
