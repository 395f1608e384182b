import { severityOf } from '../../../shared/classify.ts'
import type { Delivery } from '../../../shared/delivery.ts'
import { readableText } from '../../../shared/readable.ts'
import { eventIn, fieldsOf, linkOf, type Showing } from '../shipment.ts'
import { titleOf } from '../title.ts'
import type { Starting } from './open.ts'

/**
 * What the templates of a hook of type task can name: the attributes of the event; `tokens`, those of its subject, and
 * what they are there; and all that templates of notifications can.
 */
export function namesOf(delivery: Delivery, to: Starting, { timeZone, console }: Showing): object {
  const event = eventIn(delivery)
  const { subject = '' } = event
  const { namespace, name } = to.hook
  const text = () => readableText(event, timeZone)
  // Whoever may publish on a subject has a right to that; what the event says beside it is only its word.
  return {
    ...event,
    ...namedIn(subject),
    ...(event.cluster !== undefined && { cluster: event.cluster }),
    event,
    data: event.data,
    tokens: subject.split('.'),
    hook: { namespace, name },
    additional: to.additional,
    delivery: { id: delivery.deliveryid },
    link: console && linkOf(event, console),
    get text() {
      return text()
    },
    get title() {
      return titleOf(event, {})
    },
    get severity() {
      return severityOf(event)
    },
    get fields() {
      return fieldsOf(event, text(), timeZone).map(([label, value]) => ({ label, value }))
    },
  }
}

/** The tokens of a subject by what they are in its form (README, "Subjects"); those that it has not are undefined. */
export function namedIn(subject: string): Record<string, string | undefined> {
  const [ops, first, second, third, ...rest] = subject.split('.')
  const none = { cluster: undefined, namespace: undefined, resource: undefined, name: undefined }
  if (ops !== 'ops') return none
  if (first === 'notifications') {
    const [, channel] = rest
    return { ...none, provider: third, channel }
  }
  if (first !== 'clusters') return none
  if (third !== 'namespaces') return { ...none, cluster: second, resource: third, ...tail(rest) }
  const [namespace, resource, ...more] = rest
  return { ...none, cluster: second, namespace, resource, ...tail(more) }
}

const tail = ([name, observation]: string[]) => ({ name, observation })
