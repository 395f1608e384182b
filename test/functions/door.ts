import { fileURLToPath } from 'node:url'
import { startChild } from '../../infra/local/child.ts'
import { freePort } from '../../infra/local/ports.ts'
import { until } from '../../infra/local/until.ts'
import { encodeBinary, mediaTypes } from '../../shared/cloudevents-http.ts'
import type { OpsEvent } from '../../shared/event.ts'
import { BatchAnswer } from '../../shared/outcome.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** What runs a function: our own host, or the command of functions-framework as it is. */
export const hosts = ['node', 'functions-framework'] as const

export const bridgeToken = 'a-token-of-the-bridge'

/** Starts a function as a process of its own, and waits until it answers. */
export async function startDoor(
  name: string,
  about: { host?: (typeof hosts)[number]; env: NodeJS.ProcessEnv; port?: number },
) {
  const { host = hosts[0], env } = about
  const port = about.port ?? (await freePort())
  const source = `functions/${name}/index.ts`
  const framework = ['node_modules/.bin/functions-framework', `--source=${source}`, `--target=${name}`]
  const args = host === 'node' ? [source] : framework
  const child = await startChild(process.execPath, args, {
    cwd: root,
    env: { ...process.env, BRIDGE_TOKEN: bridgeToken, ...env, PORT: String(port) },
  })
  const url = `http://127.0.0.1:${port}`
  await until(`${name} to be ready`, child, async () => {
    const answer = await fetch(`${url}/readyz`).catch(() => undefined)
    return answer?.ok || undefined
  })

  const post = (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string>, method = 'POST') =>
    fetch(url, {
      method,
      headers: { authorization: `Bearer ${bridgeToken}`, ...headers },
      ...(method === 'POST' && { body }),
    })
  return {
    url,
    stop: child.stop,
    kill: child.kill,
    exited: child.exited,
    tail: child.tail,
    post,
    /** A batch, and the rows of its answer. */
    async batch(members: unknown[], headers: Record<string, string> = {}) {
      const answer = await post(JSON.stringify(members), { 'content-type': mediaTypes.batch, ...headers })
      const read = BatchAnswer.safeParse(await answer.json())
      return { status: answer.status, rows: read.data?.results ?? [] }
    },
    /** One event in binary mode. */
    single(event: OpsEvent) {
      const { headers, body } = encodeBinary(event)
      return post(new Uint8Array(body), headers)
    },
  }
}
