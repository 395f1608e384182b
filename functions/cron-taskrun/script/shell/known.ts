/** What is known of names while a script is rewritten. */
export type Known = {
  /** Is it one of ours? */
  knows(name: string): boolean
  /** The environment variable that holds it. */
  variable(name: string): string
  /** Is the value known only when earlier steps have run? */
  isLate(name: string): boolean
  /** It becomes a part of a program there. @throws Refusal where the value may not, or holds what is excepted */
  demand(name: string, rule: 'harmless' | 'number', where: string, except?: string): void
  /** The environment variable that holds a statement which sets this one. */
  setter(variable: string): string
}
