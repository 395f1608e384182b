/** Is this the name of a time zone? */
export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined
  } catch {
    // That it throws is how Intl says no.
    return false
  }
}
