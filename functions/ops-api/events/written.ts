import type { ServerResponse } from 'node:http'

/** Writes, and waits until there is room for more; false when whoever reads is gone, or takes nothing for so long. */
export async function written(
  to: ServerResponse,
  text: string,
  patience = Number.POSITIVE_INFINITY,
): Promise<boolean> {
  if (to.destroyed) return false
  if (to.write(text)) return true
  return new Promise(resolve => {
    const late = Number.isFinite(patience) ? setTimeout(() => end(false), patience) : undefined
    const drained = () => end(true)
    const closed = () => end(false)
    to.on('drain', drained).on('close', closed)
    function end(isTaken: boolean) {
      clearTimeout(late)
      to.off('drain', drained).off('close', closed)
      resolve(isTaken)
    }
  })
}
