import { hash } from 'node:crypto'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { CompiledHook, compiledShape } from '../../shared/hookset.ts'

it('says by its name that compiled hooks have changed: put the new one there', () => {
  const shape = JSON.stringify(z.toJSONSchema(CompiledHook))
  expect(compiledShape).toBe(hash('sha256', shape).slice(0, 8))
})
