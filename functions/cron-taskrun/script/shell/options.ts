/**
 * Which of the words behind a shell is its program, and whether that is in a file instead. `-c`, `-lc`,
 * `-o pipefail -ec`: the first word that is no option is the program then, else a file.
 */
export function shellOptions(words: string[]): { program: number | undefined; file: boolean } {
  let at = 0
  let command = false
  let input = false
  for (; at < words.length; at++) {
    const word = words[at] ?? ''
    if (word === '--' || word === '-') {
      at++
      break
    }
    if (!/^[-+]./.test(word)) break
    if (/^--(rcfile|init-file)$/.test(word)) at++
    if (word.startsWith('--')) continue
    if (/^-[a-zA-Z]*c/.test(word)) command = true
    if (/^-[a-zA-Z]*s/.test(word)) input = true
    if (/^[-+][a-zA-Z]*[oO]$/.test(word)) at++
  }
  if (command) return { program: at, file: false }
  return { program: undefined, file: at < words.length && !input }
}

/** Which of the words behind an interpreter are programs. */
export function codeOptions(name: string, words: string[]): number[] {
  const option = optionOf(name)
  const found: number[] = []
  for (const [at, word] of words.entries()) {
    if (option.test(word)) found.push(at + 1)
    else if (!word.startsWith('-') && !found.includes(at)) break
  }
  return found
}

function optionOf(name: string): RegExp {
  if (name.startsWith('py')) return /^-[A-Za-z]*c$/
  if (name === 'php') return /^-r$/
  if (name.startsWith('node')) return /^(-e|-p|-pe|--eval|--print)$/
  return /^-[A-Za-z0-9.]*[eE]$/
}

/** The first that is no option, unless the program is in a file. */
export function firstArgument(words: string[], valued: RegExp, inFile: RegExp): number | undefined {
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? ''
    if (inFile.test(word)) return undefined
    if (word === '--') return at + 1
    if (valued.test(word)) at++
    else if (!/^-./.test(word)) return at
  }
  return undefined
}
