/** Lets so many through at once, the others in their order. */
export function gateOf(most: number): <T>(act: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = []
  let inside = 0
  return async act => {
    if (inside >= most) await new Promise<void>(resolve => waiting.push(resolve))
    else inside++
    try {
      return await act()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else inside--
    }
  }
}
