/** Can an environment variable have this name, and a shell speak of it? */
export const isShellName = (name: string) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name)

/** Is it made of characters that are code in no language? What else it may be, outside of a shell, nobody knows. */
export const isHarmless = (value: string) => /^[\p{L}\p{N} _.,:/@%+=-]*$/u.test(value)

/** Is it a number or a sum of some? An arithmetic expression of a shell reads names and commands, too. */
export const isArithmetic = (value: string) =>
  /^[\s()+*/%<>=!&|^~?:,-]*((0[xX][0-9a-fA-F]+|\d+)([\s()+*/%<>=!&|^~?:,-]+|$))*$/.test(value)

/** A value as it is shown in a problem. */
export const shown = (value: string) =>
  JSON.stringify(value.length > 60 ? `${value.slice(0, 59)}…` : value).replaceAll('\u007f', '')

/** Bytes in an environment. */
export const bytesOf = (text: string) => Buffer.byteLength(text)

/** The most that one variable of an environment may hold: Linux takes 128 KiB a piece, its name included. */
export const mostOfOne = 100 * 1024
