import { vi } from 'vitest'

// vi.waitFor gives up after a second unless it is told otherwise: too soon for a real process on a busy machine.
const { waitFor } = vi
vi.waitFor = (look, options) => {
  const how = typeof options === 'number' ? { timeout: options } : options
  return waitFor(look, { timeout: 20_000, ...how })
}
