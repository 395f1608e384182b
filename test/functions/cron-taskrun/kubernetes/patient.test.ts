import { describe, expect, it } from 'vitest'
import { patient } from '../../../../functions/cron-taskrun/kubernetes/patient.ts'
import { KubernetesError } from '../../../../shared/adapters/kubernetes.ts'

const busy = new KubernetesError(429, 'TooManyRequests', 'busy', 1)

/** An API server that answers so one after the other, and then always with 'ok'. */
function server(...answers: Error[]) {
  const seen = { asked: 0 }
  const json = async () => {
    const answer = answers[seen.asked++]
    if (answer) throw answer
    return 'ok'
  }
  return { seen, json: patient(json, { first: 1 }) }
}

describe('patient()', () => {
  it.each([
    ['is busy', busy],
    ['has a fault', new KubernetesError(503, '', 'away')],
    ['breaks the connection', Object.assign(new Error('x'), { code: 'ECONNRESET' })],
  ])('asks again where the API server %s', async (_, error) => {
    expect(await server(error, error, error).json({ path: '/' })).toBe('ok')
  })

  it('does not where it says no, nor for ever', async () => {
    const no = new KubernetesError(422, 'Invalid', 'no')
    const { json, seen } = server(no)
    await expect(json({ path: '/' })).rejects.toBe(no)
    expect(seen.asked).toBe(1)
    await expect(server(...Array.from({ length: 9 }, () => busy)).json({ path: '/' })).rejects.toBe(busy)
  })

  it('has so many under way at once, all in the end', async () => {
    const most = { now: 0, ever: 0 }
    const slow = async () => {
      most.ever = Math.max(most.ever, ++most.now)
      await new Promise(resolve => setImmediate(resolve))
      most.now--
      return 'ok'
    }
    const json = patient(slow, { most: 4 })
    const all = await Promise.all(Array.from({ length: 100 }, () => json({ path: '/' })))
    expect(all.filter(answer => answer === 'ok')).toHaveLength(100)
    expect(most.ever).toBe(4)
  })
})
