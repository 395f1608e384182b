import { constants } from 'node:os'

const names = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]))

/** How a process ended by what a shell says of it: 128 and the number of the signal that killed it. */
export function endOf(status: number): { code: number } | { signal: string } {
  const signal = status > 128 ? names.get(status - 128) : undefined
  return signal === undefined ? { code: status } : { signal }
}
