/** Something that is opened when it is first asked for. */
export type Opener<T> = {
  /** Opens it with the first call, and hands the same on with every later one; where opening failed, again. */
  open(): Promise<T>
  /** What is open, or about to be; undefined where nobody has asked. */
  opened(): Promise<T> | undefined
}

/** Opens by `open`, once. */
export function openerOf<T>(open: () => Promise<T>): Opener<T> {
  let opened: Promise<T> | undefined
  return {
    open() {
      opened ??= open().catch(error => {
        // One that failed is no answer to the next call.
        opened = undefined
        throw error
      })
      return opened
    },
    opened: () => opened,
  }
}
