/** A Task and variables that cannot be run together; the message is for whoever gave them. */
export class Refusal extends Error {
  override name = 'Refusal'
}
