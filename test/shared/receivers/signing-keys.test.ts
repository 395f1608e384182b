import { describe, expect, it } from 'vitest'
import { sentenceOf } from '../../../shared/receivers/settings.ts'
import { keysOf } from '../../../shared/receivers/signing-keys.ts'

describe('keysOf()', () => {
  it.each(['whsec_', 'whsec_s3cret!', 'whsec_s3cre', 'good whsec_s3=cret', 'whsk_s3cret', 'whpk_s3cret'])(
    'refuses %j without showing it',
    text => {
      const read = keysOf(text)
      expect('flaw' in read && sentenceOf(read.flaw)).toMatch(/^options\.secret has a/)
      expect(JSON.stringify(read)).not.toContain('s3c')
    },
  )
})
