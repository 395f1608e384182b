import { type Severity, severityOfNumber } from '../../../shared/severity.ts'

/** All numbers of a word. */
export const numbersOf = (word: Severity): number[] =>
  Array.from({ length: 25 }, (_, number) => number).filter(number => severityOfNumber(number) === word)
