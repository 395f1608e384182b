// PostgreSQL's binary form of an array (backend/utils/adt/arrayfuncs.c, array_recv): how many dimensions, whether any is
// null, the type; of its dimension the length and the first index; then each value behind its length, -1 for null.
// Nothing in it has to be escaped, and nothing read sign by sign.
const head = 20
const types = { text: 25, bigint: 20 } as const

/** Texts as a parameter `text[]`. */
export function textArray(values: readonly (string | null)[]): Buffer {
  // So many bytes of UTF-8 has a character of JavaScript at most.
  const most = values.reduce((sum, value) => sum + 4 + 3 * (value?.length ?? 0), head)
  const array = begun('text', values, most)
  let at = head
  for (const value of values) {
    const length = value === null ? -1 : array.write(value, at + 4)
    array.writeInt32BE(length, at)
    at += 4 + Math.max(length, 0)
  }
  return array.subarray(0, at)
}

/** Whole numbers as a parameter `bigint[]`. */
export function integerArray(values: readonly number[]): Buffer {
  const each = 4 + 8
  const array = begun('bigint', values, head + each * values.length)
  for (const [index, value] of values.entries()) {
    const at = head + each * index
    array.writeInt32BE(8, at)
    // The upper half and the lower one, which bitwise operators take as it is in two's complement.
    array.writeInt32BE(Math.floor(value / 2 ** 32), at + 4)
    array.writeInt32BE(value | 0, at + 8)
  }
  return array
}

function begun(type: keyof typeof types, values: readonly unknown[], bytes: number): Buffer {
  const array = Buffer.allocUnsafe(bytes)
  const numbers = [1, values.includes(null) ? 1 : 0, types[type], values.length, 1]
  for (const [index, number] of numbers.entries()) array.writeInt32BE(number, 4 * index)
  return array
}
