type Labels = Record<string, string>

const value = /^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/
const key = /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/

/**
 * Reads a label selector as Kubernetes writes it: `a=b,c!=d,e,!f,g in (h, i),j notin (k)`. What is unlike (`!=`,
 * `notin`) is also what has no such label.
 */
export function readSelector(text: string): ((labels: Labels) => boolean) | { problem: string } {
  const terms: ((labels: Labels) => boolean)[] = []
  // A comma within brackets is not between terms.
  for (const term of text.split(/,(?![^(]*\))/).map(part => part.trim())) {
    const read = readTerm(term)
    if (!read)
      return {
        problem: `"${term}" of "${text}" is no label selector: a=b, a!=b, a in (b, c), a notin (b), a and !a are`,
      }
    terms.push(read)
  }
  return labels => terms.every(holds => holds(labels))
}

function readTerm(term: string): ((labels: Labels) => boolean) | undefined {
  const equal = /^([^\s=!]+)\s*(==?|!=)\s*(\S*)$/.exec(term)
  if (equal) return oneOf(equal[1] ?? '', [equal[3] ?? ''], equal[2] === '!=')
  const set = /^(\S+)\s+(in|notin)\s*\(([^()]*)\)$/.exec(term)
  if (set) {
    const values = (set[3] ?? '').split(',').map(one => one.trim())
    return oneOf(set[1] ?? '', values, set[2] === 'notin')
  }
  const absent = term.startsWith('!')
  const name = absent ? term.slice(1).trim() : term
  return key.test(name) ? labels => Object.hasOwn(labels, name) !== absent : undefined
}

function oneOf(name: string, values: string[], not: boolean): ((labels: Labels) => boolean) | undefined {
  if (!key.test(name) || !values.every(one => value.test(one))) return undefined
  return labels => (Object.hasOwn(labels, name) && values.includes(labels[name] ?? '')) !== not
}
