import type { Finding } from '../executor.ts'
import { keeper } from './output-keep.ts'
import { lineReader } from './output-lines.ts'
import { masked, masksOf } from './output-mask.ts'
import { mostOfOne } from './rules.ts'

/** What came out of a step. */
export type Output = {
  /** Masked, and cut in the middle where it is long. */
  output: string
  /** All of it without the newlines at its end, for the steps after it; undefined where it is too long for that. */
  whole: string | undefined
  bytes: number
  results: Record<string, string>
  findings: Finding[]
}
export type OutputReader = { push(chunk: Buffer): void; end(): Output }

/** Reads what a step prints, however much; `most` characters of it are shown. */
export function outputReader({
  secrets,
  most = 16 * 1024,
}: {
  secrets: string[]
  most?: number
}): OutputReader {
  const masks = masksOf(secrets)
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  const lines = lineReader()
  const kept = keeper(most)
  const mask = masked(masks, text => {
    kept.push(text)
    lines.push(text)
    if (whole !== undefined && whole.length + text.length <= mostOfOne * 2) whole += text
    else whole = undefined
  })
  let whole: string | undefined = ''
  let bytes = 0

  return {
    push(chunk) {
      bytes += chunk.length
      mask.push(decoder.decode(chunk, { stream: true }))
    },
    end() {
      mask.push(decoder.decode())
      mask.end()
      const all = whole?.replace(/\n+$/, '')
      const fits = all !== undefined && Buffer.byteLength(all) <= mostOfOne
      return { output: kept.end(), whole: fits ? all : undefined, bytes, ...lines.end() }
    },
  }
}
