import { ofNumber, type Severity } from '../../../shared/severity.ts'

/** The word of a number: OpenTelemetry has several for each of its own, and whoever sends may use all of them. */
export const severityOf = (number: number): Severity => ofNumber(number) ?? 'info'

/** All numbers of a word. */
export const numbersOf = (word: Severity): number[] =>
  Array.from({ length: 25 }, (_, number) => number).filter(number => severityOf(number) === word)
