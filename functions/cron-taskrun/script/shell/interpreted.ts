import { awks, interpreters, type Language, type Reads, seds, shells } from './languages.ts'
import { codeOptions, firstArgument, shellOptions } from './options.ts'
import type { Word } from './pieces.ts'

/**
 * What a shell or another interpreter takes for programs, with the words behind it; undefined where it is none, or
 * where that stands in a file. `started`: it is surely called here, and no mere word.
 */
export function interpreted(name: string, rest: Word[], keeps: boolean, started: boolean): Reads | undefined {
  const isOne = shells.test(name) || interpreters.test(name)
  if (!isOne && !(started && (awks.test(name) || seds.test(name)))) return undefined
  const words = rest.map(word => word.text)
  if (shells.test(name)) {
    const { program, file } = shellOptions(words)
    const word = program === undefined ? undefined : rest[program]
    if (word) return { argument: [{ is: 'shell', keeps, pieces: [word] }], input: undefined }
    return started && !file ? { argument: [], input: { is: 'shell', keeps } } : undefined
  }
  if (interpreters.test(name)) {
    const pieces = codeOptions(name, words).flatMap(at => rest[at] ?? [])
    const language: Language = { is: 'code', by: name }
    if (pieces.length)
      return { argument: pieces.map(piece => ({ ...language, pieces: [piece] })), input: undefined }
    const file = words.some(word => !word.startsWith('-'))
    return started && !file ? { argument: [], input: language } : undefined
  }
  if (!started) return undefined
  if (awks.test(name)) {
    const at = firstArgument(words, /^-[vFf]$|^--(assign|field-separator|file)$/, /^(-f|--file)/)
    const piece = at === undefined ? undefined : rest[at]
    return piece && { argument: [{ is: 'code', by: name, pieces: [piece] }], input: undefined }
  }
  if (seds.test(name)) {
    const scripts = words.flatMap((word, at) => (/^(-[a-zA-Z]*e|--expression)$/.test(word) ? [at + 1] : []))
    const glued = words.flatMap((word, at) => (/^--expression=/.test(word) ? [at] : []))
    const only = firstArgument(words, /^(-l|-f|--file|--line-length)$/, /^(-f|--file)/)
    const places = scripts.length + glued.length ? [...scripts, ...glued] : [only ?? -1]
    const pieces = places.flatMap(at => rest[at] ?? [])
    return pieces.length
      ? { argument: pieces.map(piece => ({ is: 'sed', by: name, pieces: [piece] })), input: undefined }
      : undefined
  }
  return undefined
}
