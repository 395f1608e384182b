import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { record } from './stage.ts'
import { stories } from './stories.ts'

// Records the stories that are named, or all of them, anew: node test/recordings/record.ts node-failure
const folder = fileURLToPath(new URL('../fixtures/recordings/', import.meta.url))
const wanted = process.argv.slice(2)

mkdirSync(folder, { recursive: true })
for (const [name, story] of Object.entries(stories)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  const { events, objects } = await record(story)
  const write = (file: string, lines: object[]) =>
    writeFileSync(`${folder}${file}`, lines.map(line => `${JSON.stringify(line)}\n`).join(''))
  write(`${name}.jsonl`, events)
  write(`${name}.objects.jsonl`, objects)
  console.error(`${name}: ${events.length} versions of events, ${objects.length} objects`)
}
