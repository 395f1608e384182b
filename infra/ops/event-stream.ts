/** What stands in server-sent events (HTML standard, section 9.2), as far as ops-api writes them. */
export async function* eventsIn(
  body: AsyncIterable<Uint8Array>,
): AsyncGenerator<{ id?: string; event?: string; data?: string }> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const part of body) {
    const blocks = `${rest}${decoder.decode(part, { stream: true })}`.split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) {
      const fields = block.split('\n').flatMap(line => {
        const [, name, value] = /^(id|event|data): (.*)$/.exec(line) ?? []
        return name && value !== undefined ? [[name, value]] : []
      })
      if (fields.length > 0) yield Object.fromEntries(fields)
    }
  }
}
