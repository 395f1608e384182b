import { describe, expect, it } from 'vitest'
import { edgesOf } from '../../../../functions/ops-api/correlations/edges.ts'
import { above, among, beginningsIn, below, bounds } from '../../../../functions/ops-api/correlations/hang.ts'
import type { Link } from '../../../../shared/causes/links.ts'
import { type Said, stored } from '../../../stored.ts'

/** `a>b`: b follows from a; later ones in the list are later in time. */
const links = (...texts: string[]): Link[] =>
  texts.map((text, at) => {
    const [parent = '', child = ''] = text.split('>')
    const shown = { id: text, time: new Date(at * 1_000) }
    return { parent, child, rule: 'node-trouble', cause: shown, effect: shown }
  })

const beginnings = async (id: string, all: Link[]) => beginningsIn(await above([id], among(all)))(id)

describe('a story', () => {
  it('begins with what follows from nothing, the earliest first', async () => {
    expect(await beginnings('c', links('a>b', 'b>c'))).toEqual(['a'])
    expect(await beginnings('c', links('b>c', 'a>c'))).toEqual(['b', 'a'])
    expect(await beginnings('c', [])).toEqual(['c'])
    expect(await beginnings('a', links('a>b'))).toEqual(['a'])
  })

  it('has a beginning in a circle too, the same for all of it', async () => {
    const circle = links('b>c', 'c>a', 'a>b')
    for (const id of ['a', 'b', 'c']) expect((await beginnings(id, circle))[0]).toBe('b')
  })

  it('has what follows from its beginning, and no more', async () => {
    const all = links('a>b', 'b>c', 'x>c', 'x>y')
    expect((await below(['a'], among(all))).members).toEqual(['a', 'b', 'c'])
  })

  it('is cut where it is too wide or too deep', async () => {
    const wide = links(...Array.from({ length: bounds.members + 10 }, (_, at) => `a>${at}`))
    const cut = await below(['a'], among(wide))
    expect(cut).toMatchObject({ truncated: true })
    expect(cut.members).toHaveLength(bounds.members)
    expect(cut.links).toHaveLength(bounds.members - 1)
    const deep = links(...Array.from({ length: 200 }, (_, at) => `${at}>${at + 1}`))
    expect((await below(['0'], among(deep))).members).toHaveLength(bounds.depth + 1)
    expect((await below(['190'], among(deep))).truncated).toBe(false)
  })
})

describe('an edge', () => {
  const at = (second: number) => Date.parse('2026-05-04T10:00:00Z') + second * 1_000
  const said = (second: number, reason: string, given: Partial<Said> = {}) =>
    stored({ at: at(second), name: 'web-1', reason, ...given })
  const restarting = { message: 'Back-off restarting failed container' }

  it('comes from the last cause before it', () => {
    const [early, late, after] = [said(0, 'FailedMount'), said(60, 'FailedMount'), said(90, 'FailedMount')]
    const killed = said(70, 'Killing')
    expect(edgesOf([killed, late, after, early])).toEqual([
      expect.objectContaining({ rule: 'mount-restart', cause: late.id, effect: killed.id }),
    ])
  })

  it('needs the same pod, and its time', () => {
    const mount = said(0, 'FailedMount')
    expect(edgesOf([mount, said(10, 'BackOff', { name: 'web-2' })])).toEqual([])
    expect(edgesOf([mount, said(700, 'BackOff')])).toEqual([])
    expect(edgesOf([said(20, 'FailedMount'), said(0, 'BackOff')])).toEqual([])
  })

  it('tells a container that fails from an image that is missing', () => {
    const failed = said(0, 'Failed', { message: 'Error: ErrImagePull: image not found' })
    const pulling = said(5, 'BackOff', { message: 'Back-off pulling image "web:1"' })
    const crashed = said(10, 'Unhealthy')
    const again = said(20, 'BackOff', restarting)
    expect(edgesOf([failed, pulling, crashed, again]).map(({ rule, effect }) => [rule, effect])).toEqual([
      ['image-backoff', pulling.id],
      ['crash-backoff', again.id],
    ])
  })
})
