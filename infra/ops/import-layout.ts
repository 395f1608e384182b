/** Fields of event-exporter's templates, by what they are in ours. */
const fields: Record<string, string> = {
  '.Message': 'data.message',
  '.Reason': 'data.reason',
  '.Type': 'data.type',
  '.Count': 'data.count',
  '.Namespace': 'data.namespace',
  '.ClusterName': 'data.cluster',
  '.InvolvedObject.Kind': 'data.kind',
  '.InvolvedObject.Name': 'data.name',
  '.InvolvedObject.Namespace': 'data.namespace',
  '.InvolvedObject.APIVersion': 'data.apiVersion',
  '.InvolvedObject.UID': 'data.uid',
  '.InvolvedObject.FieldPath': 'data.fieldPath',
  '.InvolvedObject.Labels': 'data.labels',
  '.InvolvedObject.Annotations': 'data.annotations',
  '.Source.Component': 'data.from',
  '.Source.Host': 'data.node',
  '.FirstTimestamp': 'data.firstTime',
  '.LastTimestamp': 'data.lastTime',
  '.GetTimestampISO8601': 'data.firstTime',
  '.Action': 'data.action',
}

/** A template in Liquid, with what differs, or why it cannot be one. */
export type Made = { template: string; notes: string[] } | { problem: string }

/** A Go template, or a layout of several, as one in Liquid: a layout becomes JSON. */
export function liquidOf(layout: unknown): Made {
  const notes = new Set<string>()
  try {
    const template = typeof layout === 'string' ? plain(layout, notes) : json(layout, notes)
    return { template, notes: [...notes] }
  } catch (error) {
    if (error instanceof RangeError) return { problem: error.message }
    throw error
  }
}

function json(value: unknown, notes: Set<string>): string {
  if (Array.isArray(value)) return `[${value.map(one => json(one, notes)).join(', ')}]`
  if (typeof value === 'object' && value !== null) {
    const rows = Object.entries(value).map(([key, one]) => `${JSON.stringify(key)}: ${json(one, notes)}`)
    return `{${rows.join(', ')}}`
  }
  if (typeof value !== 'string' || !value.includes('{{')) return JSON.stringify(value)
  // One text, whatever it is put together from.
  return `{% capture text %}${plain(value, notes)}{% endcapture %}{{ text | json }}`
}

/** Each `{{ … }}` by itself. @throws RangeError for what goes beyond fields */
function plain(text: string, notes: Set<string>): string {
  return text.replaceAll(/\{\{-?\s*(.*?)\s*-?\}\}/gs, (whole, inside: string) => {
    const [, json, name = ''] = /^(toJson |toPrettyJson )?\s*(\.[\w.]*)$/.exec(inside) ?? []
    if (name === '.') return '{{ data | json }}'
    const field = fields[name] ?? markOf(name)
    if (field === undefined) throw new RangeError(`"${whole}" has no counterpart in Liquid here`)
    if (/\.(labels|annotations)\b/.test(field))
      notes.add(`${name}: events say it where WATCH_FILE has enrich for it`)
    return json ? `{{ ${field} | json }}` : `{{ ${field} }}`
  })
}

// .InvolvedObject.Labels.owner
function markOf(name: string): string | undefined {
  const [, marks, key] = /^\.InvolvedObject\.(Labels|Annotations)\.(\w+)$/.exec(name) ?? []
  return marks && key && `data.${marks.toLowerCase()}.${key}`
}
