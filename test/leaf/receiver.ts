import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { z } from 'zod'
import { bodyOf } from '../../shared/host.ts'
import type { Name } from './poster.ts'

/** Takes everything that hooks send, and keeps which events these were, in the order in which they came. */
export type Receiver = { url: string; received: Name[]; losses: Loss[]; stop(): void }

const Loss = z.object({ cluster: z.string(), events: z.number(), from: z.number(), to: z.number() })
/** What is told of what a leaf cluster lost. */
export type Loss = z.infer<typeof Loss>

const Posted = z.object({ cluster: z.string(), name: z.string(), count: z.number() })
/** The name of a posted event, by its data. */
export function nameOf(data: unknown): Name {
  const { cluster, name, count } = Posted.parse(data)
  return `${cluster}/${Number(name.replace('api-', ''))}/${count}`
}

const Body = z.object({ event: z.object({ data: z.unknown() }) })

/** Listens on a free port of loopback. */
export async function openReceiver(): Promise<Receiver> {
  const received: Name[] = []
  const losses: Loss[] = []
  const server = createServer(async (request, response) => {
    const { event } = Body.parse(JSON.parse(String(await bodyOf(request, 1024 * 1024))))
    if (request.url === '/losses') losses.push(Loss.parse(event.data))
    else received.push(nameOf(event.data))
    response.end()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, received, losses, stop: () => server.close() }
}

/** Hooks that send what is to be told of pods, and every loss. */
export const hooksTo = (url: string): string =>
  [
    hookTo(`${url}/events`, 'events', 'ops.clusters.*.namespaces.*.pods.*.events', 'Told'),
    hookTo(`${url}/losses`, 'losses', 'ops.clusters.*.namespaces.*.streams.ops.alerts', ''),
  ].join('---')

const hookTo = (url: string, name: string, subject: string, word: string) => `
apiVersion: crd.chenshaowen.com/v1
kind: EventHooks
metadata: {name: ${name}, namespace: ops-system}
spec: {type: webhook, subject: ${subject}, url: '${url}', keywords: {include: ['${word}']}}
`
