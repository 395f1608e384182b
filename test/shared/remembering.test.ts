import { expect, it } from 'vitest'
import { remembering } from '../../shared/remembering.ts'

const counting = () => {
  const asked: string[] = []
  const upper = remembering(
    text => {
      asked.push(text)
      return text.toUpperCase()
    },
    { texts: 2, longest: 5 },
  )
  return { asked, upper }
}

it('says of a text what was said of it before', () => {
  const { asked, upper } = counting()
  expect([upper('a'), upper('b'), upper('a'), upper('c'), upper('a')]).toEqual(['A', 'B', 'A', 'C', 'A'])
  expect(asked).toEqual(['a', 'b', 'c'])
})

it('forgets what was not asked for lately, and never keeps what is long', () => {
  const { asked, upper } = counting()
  for (const text of ['a', 'b', 'c', 'd', 'e', 'a', 'longer', 'longer']) upper(text)
  expect(asked).toEqual(['a', 'b', 'c', 'd', 'e', 'a', 'longer', 'longer'])
})
