import { durationOf } from '../duration.ts'
import { type Flaw, flawIf, type Settings, under } from './settings.ts'

/** What `options.labels.x` say. */
export const labelsIn = (options: Record<string, string>) => under(options, prefix)

const prefix = 'labels.'
const labelShape = /^[a-zA-Z_][a-zA-Z0-9_]*$/

/** What keeps Alertmanager from getting anything. */
export function alertmanagerFlaws({ options }: Settings): Flaw[] {
  const wrong = Object.keys(labelsIn(options)).filter(label => !labelShape.test(label))
  const { lasts } = options
  return [
    ...wrong.flatMap(label =>
      flawIf(true, prefix + label, 'is no name of a label: letters, digits and "_", no digit first'),
    ),
    ...flawIf(lasts !== undefined && !durationOf(lasts), 'lasts', 'is no duration such as 1h'),
  ]
}
