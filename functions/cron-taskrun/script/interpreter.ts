const shells = /^(sh|bash|dash|ash|ksh|ksh93|mksh|zsh)$/
const usual = /^(\/usr)?(\/local)?\/s?bin\//

/**
 * What runs a script: what its first line says after `#!`; without that, Python where the first line speaks of it as the
 * older system had it, else sh.
 */
export function interpreterOf(content: string): { interpreter: string[]; language: 'shell' | 'other' } {
  const [first = ''] = content.trimStart().split('\n')
  const interpreter = first.startsWith('#!') ? named(first.slice(2)) : guessed(first)
  const name = interpreter[0]?.replace(/^.*\//, '') ?? ''
  return { interpreter, language: shells.test(name) ? 'shell' : 'other' }
}

function named(line: string): string[] {
  const words = line.trim().split(/\s+/)
  const [program = 'sh', ...options] = /\/env$/.test(words[0] ?? '')
    ? words.slice(1).filter(word => !/^-(S|i|-split-string)$/.test(word))
    : words
  const name = program.replace(usual, '')
  if (name === '') return ['sh']
  return [name === 'python' ? 'python3' : name, ...options]
}

// A command with "python" in it is one of a shell.
const guessed = (first: string) => (/^(#|import |from |'''|""").*python/i.test(first) ? ['python3'] : ['sh'])
