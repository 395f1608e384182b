/** A part of a URL's path, or undefined when it is not percent-encoded UTF-8. */
export function percentDecoded(text: string): string | undefined {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    // It throws for one reason only: a "%" that is not the beginning of UTF-8 octets.
    return undefined
  }
}
