import { managerOf } from './jetstream.ts'
import { connectionOf, type Nats } from './nats.ts'

/** The subject patterns of a stream that durable consumers take from. */
export async function takersOf(nats: Nats, stream: string): Promise<string[]> {
  const jsm = await managerOf(await connectionOf(nats))
  const patterns: string[] = []
  for await (const { config } of jsm.consumers.list(stream)) {
    const { filter_subject, filter_subjects } = config
    patterns.push(...(filter_subjects ?? (filter_subject ? [filter_subject] : [])))
  }
  return patterns
}
