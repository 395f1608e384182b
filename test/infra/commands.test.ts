import { spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))
// That both languages have the same ones is shown in links.test.ts.
const pages = globSync(['*.md', 'infra/operate/*.md'], { cwd: root }).filter(
  page => !page.includes('.zh-CN.'),
)
const blocks = pages.flatMap(page =>
  [...readFileSync(root + page, 'utf8').matchAll(/^( *)```sh\n(.*?)^ *```/gms)].map(
    ([, indent = '', text = '']) => ({
      page,
      commands: text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    }),
  ),
)

it('has the pages show commands that a shell can read', () => {
  const unread = blocks.flatMap(({ page, commands }) => {
    const { stderr } = spawnSync('bash', ['-n'], { input: commands, encoding: 'utf8' })
    return stderr === '' ? [] : [`${page}: ${stderr}`]
  })
  expect(unread).toEqual([])
  expect(blocks.length).toBeGreaterThan(40)
})

// What was applied server-side, and then by kubectl itself, belongs to both from then on: nothing can be taken out of it.
it('has the pages apply what they build server-side, each time', () => {
  const applied = blocks.flatMap(({ commands }) => commands.match(/kubectl\b.*\bapply\b.* -k .*/g) ?? [])
  expect(applied.filter(command => !command.includes('--server-side'))).toEqual([])
  expect(applied.length).toBeGreaterThan(5)
})
