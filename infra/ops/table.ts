/** Rows as people read them: columns as wide as they have to be, the last one as it is. */
export function table(head: string[], rows: string[][]): string {
  const lines = [head, ...rows].map(row => row.map(printable))
  const widths = head.map((_, column) => Math.max(...lines.map(line => line[column]?.length ?? 0)))
  return lines
    .map(line =>
      line
        .map((cell, column) => (column === line.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** A stranger's text on a terminal: without what would move the cursor. */
export const printable = (text: string) => text.replaceAll(/[\p{Cc}\p{Cf}]+/gu, ' ')

/** The same of several lines, which stay. */
export const printableLines = (text: string) => text.split('\n').map(printable).join('\n')
