/** What a secret looks like wherever it was encoded or turned round on the way: it must be seen in none of these forms. */
export function masksOf(secrets: string[]): string[] {
  const forms = secrets
    .filter(secret => secret.length > 0)
    .flatMap(secret => [
      ...[secret, encodeURIComponent(secret.toWellFormed()), JSON.stringify(secret).slice(1, -1)],
      ...[secret.toUpperCase(), [...secret].toReversed().join(''), ...hexForms(Buffer.from(secret))],
      ...base64Forms(Buffer.from(secret)),
    ])
  return [...new Set(forms)].toSorted((a, b) => b.length - a.length)
}

function hexForms(secret: Buffer): string[] {
  const hex = secret.toString('hex')
  return hex.length < 16 ? [] : [hex, hex.toUpperCase()]
}

// Three bytes become four characters: which ones depends on how many bytes stand before. Those that neighbours have a
// part in are left out.
function base64Forms(secret: Buffer): string[] {
  const forms = [0, 1, 2].map(before => {
    const encoded = Buffer.concat([Buffer.alloc(before), secret])
      .toString('base64')
      .replaceAll('=', '')
    const from = before === 0 ? 0 : before + 1
    const strayBits = (before + secret.length) % 3
    return encoded.slice(from, strayBits === 0 ? undefined : -1)
  })
  // Shorter ones are found everywhere.
  const long = forms.filter(form => form.length >= 8)
  return [...long, ...long.map(form => form.replaceAll('+', '-').replaceAll('/', '_'))]
}

// base64 breaks its lines, od sets bytes apart.
const gap = '\\s{0,2}'
const spread = (mask: string) => [...mask].map(char => char.replace(/[\\^$.*+?()[\]{}|/-]/, '\\$&')).join(gap)

/** Hands on a stream of text without the secrets, also those that come in pieces or were broken into lines. */
export function masked(masks: string[], next: (text: string) => void) {
  const longest = (masks[0]?.length ?? 0) * 3
  const pattern = new RegExp(masks.map(spread).join('|') || '(?!)', 'g')
  let held = ''

  const through = (last: boolean) => {
    let made = ''
    let at = 0
    const keepFrom = last ? held.length : Math.max(held.length - longest + 1, 0)
    for (const match of held.matchAll(pattern)) {
      if (match.index >= keepFrom) break
      made += `${held.slice(at, match.index)}***`
      at = match.index + match[0].length
    }
    const to = Math.max(at, keepFrom)
    made += held.slice(at, to)
    held = held.slice(to)
    if (made) next(made)
  }
  return {
    push(text: string) {
      held += text
      through(longest === 0)
    },
    end: () => through(true),
  }
}
