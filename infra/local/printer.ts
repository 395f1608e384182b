import { readable } from './logline.ts'

/** Takes one line of a process. */
export type Print = (name: string, line: string) => void

const colours = [36, 33, 32, 35, 34, 96, 93, 92, 95, 94]

/** Writes lines under the name of who said them, readable, and in colours on a terminal. */
export function printer(out: { write(text: string): unknown; isTTY?: boolean }, names: string[]): Print {
  const width = Math.max(...names.map(name => name.length))
  return (name, line) => {
    const head = `${name.padEnd(width)} |`
    const colour = colours[Math.max(names.indexOf(name), 0) % colours.length]
    out.write(`${out.isTTY ? `\x1b[${colour}m${head}\x1b[0m` : head} ${readable(line)}\n`)
  }
}
