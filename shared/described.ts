import { type Classify, classOf } from './classify.ts'
import { correlationOf } from './correlation.ts'
import type { OpsEvent } from './event.ts'

/** The extensions that follow from what an event says; those that it has already, if they are well-formed, stay. */
export const impliedBy = (event: OpsEvent, classify?: Classify) => ({
  ...classOf(event, classify),
  ...correlationOf(event),
})

/** An event with the extensions that follow from it, as all have that go onto the bus. */
export const described = <E extends OpsEvent>(event: E, classify?: Classify): E => ({
  ...event,
  ...impliedBy(event, classify),
})
