import { turns } from './steps/turns.ts'

/** Lets so many through at once, the others in their order. */
export function gateOf(most: number): <T>(act: () => Promise<T>) => Promise<T> {
  const turn = turns(most)
  return async act => {
    const leave = await turn()
    try {
      return await act()
    } finally {
      leave()
    }
  }
}
