/** The text as one word of a shell. */
export const shellQuoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`

/** A statement that gives a variable its value, to stand before others. */
export const quotedStatement = (name: string, value: string) => `export ${name}=${shellQuoted(value)}; `
