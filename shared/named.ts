import type { OpsEvent } from './event.ts'
import { isObject } from './json.ts'

/**
 * What a name stands for in an event, as text, or undefined when there is no such thing: `data.x` and `data.x.y` are
 * fields of the data, a bare name is an attribute, and where the event has no such attribute a field of the data.
 * Numbers, true and false are as JSON writes them, and so is what holds more than one value.
 */
export function textNamed(event: OpsEvent, name: string): string | undefined {
  if (name.startsWith(ofData)) return textOf(fieldOf(event.data, name.slice(ofData.length)))
  const attribute = name === 'data' || !Object.hasOwn(event, name) ? undefined : textOf(event[name])
  return attribute ?? textOf(fieldOf(event.data, name))
}

/** Why a text is no name of an attribute or of a field of the data, or undefined when it is one. */
export function nameProblem(name: string): string | undefined {
  if (name.startsWith(ofData) ? name.length > ofData.length : bare.test(name)) return undefined
  if (name.startsWith(ofData) || name === 'data') return 'it names no field of the data: data.reason is one'
  return name.includes('.') && !/\s/.test(name)
    ? `it is "${name}", which is no name of an attribute: a field of the data is data.${name}`
    : `it is "${name}", which is no name: reason is one, and data.reason`
}

const ofData = 'data.'
const bare = /^(?!data$)[\w-]+$/

// A key may have dots of its own, as labels of Kubernetes do, so the longest is tried first.
function fieldOf(value: unknown, path: string): unknown {
  if (!isObject(value)) return undefined
  if (Object.hasOwn(value, path)) return value[path]
  for (let dot = path.lastIndexOf('.'); dot > 0; dot = path.lastIndexOf('.', dot - 1)) {
    const key = path.slice(0, dot)
    const found = Object.hasOwn(value, key) ? fieldOf(value[key], path.slice(dot + 1)) : undefined
    if (found !== undefined) return found
  }
  return undefined
}

function textOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined
  return typeof value === 'string' ? value : JSON.stringify(value)
}
