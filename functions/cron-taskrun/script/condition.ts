/** One side of a comparison: a text, or the output of an earlier step. */
export type Operand = { text: string } | { step: string }

/** What `when` and `allowfailure` say. */
export type Condition =
  | { is: 'constant'; value: boolean }
  | { is: 'truth'; of: Operand }
  | { is: 'not'; of: Condition }
  | { is: 'both' | 'either'; of: Condition[] }
  | { is: 'equal' | 'different' | 'less' | 'atMost' | 'more' | 'atLeast'; left: Operand; right: Operand }
  | { is: 'starts' | 'ends'; text: Operand; with: Operand }
