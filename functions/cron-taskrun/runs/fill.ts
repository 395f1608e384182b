// Names of variables, and tasks.a.results.b; what a shell makes of ${NAME:-x} is none of ours.
const reference = /\$\{([A-Za-z_][\w.-]*)\}/g

/** A text with `${name}` put in where it is known, once: a value is data, whatever it looks like. The rest stays. */
export const fill = (text: string, values: Readonly<Record<string, string>>): string =>
  text.replace(reference, (whole, name: string) =>
    Object.hasOwn(values, name) ? (values[name] ?? '') : whole,
  )

/** The names that a text speaks of. */
export const namesIn = (text: string): string[] => [...text.matchAll(reference)].map(([, name]) => name ?? '')
