import { describe, expect, it } from 'vitest'
import { whereaboutsOf } from '../../../infra/ops/whereabouts.ts'

const local = { api: 'http://127.0.0.1:8081', token: 'of-the-stack' }

describe('whereaboutsOf()', () => {
  it('is the stack that runs here', () => {
    expect(whereaboutsOf({}, local)).toEqual({ url: 'http://127.0.0.1:8081', token: 'of-the-stack' })
    expect(whereaboutsOf({ OPS_TOKEN: 'mine' }, local)).toMatchObject({ url: local.api, token: 'mine' })
  })

  it('is what the environment says, and never sends it the token of the stack', () => {
    const OPS_API = 'https://ops.example/'
    expect(whereaboutsOf({ OPS_API, OPS_TOKEN: 'mine' }, local)).toEqual({
      url: 'https://ops.example',
      token: 'mine',
    })
    expect(() => whereaboutsOf({ OPS_API }, local)).toThrow('OPS_TOKEN is missing')
  })

  it('says what to do where there is neither', () => {
    expect(() => whereaboutsOf({}, undefined)).toThrow('Nothing runs here: set OPS_API')
  })
})
