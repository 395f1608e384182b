import { setTimeout as pause } from 'node:timers/promises'

/** Waits until each of the URLs answers `GET /readyz` with 200, and says every ten seconds who does not yet. */
export async function allReady(
  urls: Record<string, string>,
  { say, signal }: { say(line: string): void; signal: AbortSignal },
): Promise<void> {
  const waiting = new Map<string, string>()
  const told = setInterval(() => {
    for (const [name, answer] of waiting) say(`still waiting for ${name}: its /readyz ${answer}`)
  }, 10_000)
  try {
    await Promise.all(
      Object.entries(urls).map(async ([name, url]) => {
        for (;;) {
          const answer = await readiness(url)
          if (answer === 'ready' || signal.aborted) break
          waiting.set(name, answer)
          await pause(50)
        }
        waiting.delete(name)
      }),
    )
  } finally {
    clearInterval(told)
  }
}

async function readiness(url: string): Promise<string> {
  try {
    const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) })
    const text = (await response.text()).slice(0, 200)
    return response.status === 200 ? 'ready' : `answers ${response.status} ${text}`.trimEnd()
  } catch {
    return 'does not answer'
  }
}
