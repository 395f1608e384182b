/** No object of Kubernetes comes near: etcd takes 1.5 MiB. */
const longest = 8 * 1024 * 1024
const newline = 0x0a

/**
 * The lines of a stream, one JSON value each. Split before decoding, so that no character is cut; a last line without
 * its end is a cut one and left out. @throws Error for a line of more than 8 MiB
 */
export async function* linesOf(stream: AsyncIterable<Buffer>): AsyncGenerator<unknown> {
  let parts: Buffer[] = []
  let length = 0
  for await (const chunk of stream) {
    let from = 0
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, from)) {
      parts.push(chunk.subarray(from, end))
      const line = Buffer.concat(parts).toString('utf8')
      parts = []
      length = 0
      from = end + 1
      if (line !== '') yield JSON.parse(line)
    }
    parts.push(chunk.subarray(from))
    length += chunk.length - from
    if (length > longest) throw new Error(`A line of the stream is longer than ${longest} bytes`)
  }
}
