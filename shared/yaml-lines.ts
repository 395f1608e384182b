import { type Document, isMap, isNode, isScalar, type LineCounter } from 'yaml'

/** The line of what stands at a path of a document, or of what it would stand in. */
export type LineOf = (path: PropertyKey[], key?: string) => number

/** Finds lines by paths; with `key` that of a field by its name, whatever it is. */
export function linesOf(document: Document, counter: LineCounter): LineOf {
  const lineOf: LineOf = (path, key) => {
    const node = path.length === 0 ? document.contents : document.getIn(path, true)
    const parent =
      path.length === 0 ? node : document.getIn(key === undefined ? path.slice(0, -1) : path, true)
    const name = key ?? path.at(-1)
    const pair = isMap(parent)
      ? parent.items.find(one => isScalar(one.key) && one.key.value === name)
      : undefined
    const found = pair?.key ?? node
    if (isNode(found) && found.range) return counter.linePos(found.range[0]).line
    return path.length === 0 ? 1 : lineOf(path.slice(0, -1))
  }
  return lineOf
}
