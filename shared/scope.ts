/**
 * The subject without the name that is in it, which stands as `*`: `ops.clusters.prod.namespaces.shop.pods.*.events`. A
 * subject of another form stands for itself. What is counted is counted by it, so that rights can still be told.
 */
export function scopeOf(subject: string): string {
  const tokens = subject.split('.')
  const at = shapes.find(shape => shape.tokens === tokens.length && isOf(shape, tokens))?.name
  return at === undefined ? subject : tokens.with(at, '*').join('.')
}

/** Can it be told by the scope alone whether a subject matches this pattern? Not where it asks for names. */
export function isDecidedByScope(pattern: string): boolean {
  const tokens = pattern.split('.')
  const rest = tokens.indexOf('>')
  return shapes.every(shape => {
    const mayFit = rest < 0 ? tokens.length === shape.tokens : rest < shape.tokens
    const token = rest < 0 || shape.name < rest ? tokens[shape.name] : '*'
    return !mayFit || token === '*' || !mayBeOf(shape, tokens)
  })
}

// Of a namespace, and of the cluster: the forms of `resourceSubject`.
const shapes = [
  { tokens: 8, name: 6, namespaced: true },
  { tokens: 6, name: 4, namespaced: false },
] as const
type Shape = (typeof shapes)[number]

const isOf = ({ namespaced }: Shape, [ops, clusters, , third]: string[]) =>
  ops === 'ops' && clusters === 'clusters' && (third === 'namespaces') === namespaced

/** As `isOf`, of a pattern whose name comes before any ">". */
const mayBeOf = ({ namespaced }: Shape, [ops, clusters, , third]: string[]) =>
  (ops === 'ops' || ops === '*') &&
  (clusters === 'clusters' || clusters === '*') &&
  (third === '*' || (third === 'namespaces') === namespaced)
