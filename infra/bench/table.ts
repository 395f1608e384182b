import { thousands } from './result.ts'
import type { Row } from './row.ts'

/** Rows as people read them, one a line, the columns below each other. */
export function table(rows: Row[]): string {
  const lines = rows.map(cellsOf)
  const widths = [0, 1, 2, 3].map(column => Math.max(...lines.map(cells => cells[column]?.length ?? 0)))
  return lines
    .map(cells => `  ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd())
    .join('\n')
}

function cellsOf({ name, value, unit, against, ratio, goal, met }: Row): string[] {
  const verdict = goal === undefined ? '' : `${met ? 'met' : 'MISSED'} (${goal})`
  return [name, `${thousands(value)} ${unit}`, `${thousands(ratio)} x ${against}`, verdict]
}
