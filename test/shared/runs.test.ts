import { describe, expect, it } from 'vitest'
import { childName, labelValue } from '../../shared/runs.ts'

const long = (letter: string) => letter.repeat(253)

describe('childName()', () => {
  it('puts a suffix behind a name', () => {
    expect(childName('check-disk', '1767225600')).toBe('check-disk-1767225600')
  })

  it.each([
    ['a long name', long('a'), '1767225600'],
    ['a long suffix', 'a', long('b')],
    ['both', long('a'), long('b')],
    ['a name with a dot where it is cut', `${'a'.repeat(232)}.${'b'.repeat(20)}`, '1767225600'],
  ])('makes a name that Kubernetes takes of %s', (_, parent, suffix) => {
    const name = childName(parent, suffix)
    expect(name.length).toBeLessThanOrEqual(253)
    expect(name).toMatch(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/)
    expect(name).not.toMatch(/[.-]{2}/)
    expect(childName(parent, suffix)).toBe(name)
  })

  it('makes different names of names that differ where they are cut', () => {
    const names = [`${long('a')}x`, `${long('a')}y`].flatMap(one => [
      childName(one, 'b'),
      childName('b', one),
    ])
    expect(new Set(names).size).toBe(4)
  })
})

describe('labelValue()', () => {
  it('has 63 characters at most', () => {
    expect(labelValue('a'.repeat(63))).toBe('a'.repeat(63))
    expect(labelValue('a'.repeat(64))).toMatch(/^a{54}-[0-9a-f]{8}$/)
  })

  it.each(['check disk', 'ops/check', 'Prüfung', '-a-', '世界', 'a,b', ''])(
    'makes one that Kubernetes takes of "%s"',
    name => {
      expect(labelValue(name)).toMatch(/^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/)
      expect(labelValue(name)).not.toBe(labelValue(`${name} `))
    },
  )

  it.each(['check-disk', 'a.b', 'Check_Disk', '7'])('leaves "%s" as it is', name => {
    expect(labelValue(name)).toBe(name)
  })
})
