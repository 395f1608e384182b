import type { Scan } from './pieces.ts'

/** Names to which a script gives values of its own; what it makes of ours remains ours. */
export function takenIn({ commands }: Scan, text: string): string[] {
  return commands.flatMap(({ words }) => {
    const declares = /^(export|local|readonly|declare|typeset)$/.test(words[0]?.text ?? '')
    const other = words.findIndex(word => !assignment.test(word.text))
    const leading = declares || other < 0 ? words : words.slice(0, other)
    const set = leading.flatMap(word => {
      const name = assignment.exec(word.text)?.[1]
      if (name === undefined || text[word.from] !== name[0]) return []
      const isOurs = new RegExp(`\\$\\{?${name}(?!\\w)`).test(text.slice(word.from, word.to))
      return isOurs ? [] : [name]
    })
    const [first, ...rest] = words.map(word => word.text)
    if (first === 'for' || first === 'select') return [...set, ...rest.slice(0, 1)]
    const reads = words.findIndex(word => /^(read|getopts|mapfile|readarray|unset)$/.test(word.text))
    return reads < 0 ? set : [...set, ...words.slice(reads + 1).map(word => word.text)]
  })
}

const assignment = /^([A-Za-z_]\w*)\+?=/

/** Does a script give it a value of its own in every case, as far as its lines show: in a loop, or before all else? */
export function isOwn(name: string, text: string): boolean {
  // Before a command it counts for that one only.
  const set = new RegExp(
    `(?:^|\\n)${name}=(?![\\w.,:/@%+-]*[ \\t]+\\w)|(?<![\\w-])(?:for|select)\\s+${name}(?!\\w)`,
  ).exec(text)
  const used = new RegExp(`\\$\\{?[#!]?${name}(?!\\w)`).exec(text)
  return set !== null && (used === null || set.index < used.index)
}
