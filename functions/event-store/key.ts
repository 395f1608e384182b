// PostgreSQL: what stands in an index has at most a third of its page of 8 KiB.
const mostBytes = 2_048

/** Why these can be no key of a table; undefined where they can. */
export function keyProblem({ id, source }: { id: string; source: string }): string | undefined {
  const bytes = Buffer.byteLength(id) + Buffer.byteLength(source)
  if (bytes <= mostBytes) return undefined
  return `Its id and source have ${bytes} bytes, more than the ${mostBytes} that can be a key`
}
