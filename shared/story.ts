/** The headers by which an event in stream `retries` and a dead letter tell their story. */
export const told = {
  trigger: 'Ops-Trigger',
  subject: 'Ops-Subject',
  attempts: 'Ops-Attempts',
  firstTime: 'Ops-First-Time',
  lastTime: 'Ops-Last-Time',
  due: 'Ops-Due',
  reason: 'Ops-Reason',
  stream: 'Ops-Stream',
  seq: 'Ops-Sequence',
} as const
