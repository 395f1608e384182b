import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))
const pages = globSync(['*.md', 'infra/**/*.md'], { cwd: root })
const textOf = (path: string) => readFileSync(join(root, path), 'utf8')
const proseOf = (path: string) => textOf(path).replace(/^```.*?^```/gms, '')

/** The anchors of a page, as GitHub makes them of its headings. */
const anchorsOf = (path: string) =>
  [...proseOf(path).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )

const linksIn = (path: string) =>
  [...proseOf(path).matchAll(/\]\((?!\w+:)([^)#]*)(?:#([^)]+))?\)/g)].map(([link, to = '', anchor]) => ({
    link,
    target: to === '' ? path : normalize(join(dirname(path), to)),
    anchor,
  }))

it.each(pages)('%s leads to files and headings that are there', path => {
  const broken = linksIn(path).filter(
    ({ target, anchor }) =>
      !existsSync(join(root, target)) || (anchor !== undefined && !anchorsOf(target).includes(anchor)),
  )
  expect(broken.map(({ link }) => link)).toEqual([])
})

const twins = pages
  .filter(path => path.endsWith('.zh-CN.md'))
  .map(chinese => [chinese.replace('.zh-CN', ''), chinese])

it('has each page for those who operate it in both languages', () => {
  const operate = pages.filter(path => path.startsWith('infra/operate/') && !path.includes('.zh-CN.'))
  expect(twins.map(([english]) => english).sort()).toEqual([...operate, 'README.md'].sort())
})

it.each(twins)('%s and %s have the same commands, and lead to the same', (english = '', chinese = '') => {
  expect(commandsIn(chinese)).toEqual(commandsIn(english))
  expect(placesIn(chinese)).toEqual(placesIn(english))
})

/** Where the links of a page lead, in whatever language that is. */
const placesIn = (path: string) => new Set(linksIn(path).map(({ target }) => target.replace('.zh-CN', '')))

/** The lines of blocks of shell, without what is said beside them. */
const commandsIn = (path: string) =>
  [...textOf(path).matchAll(/^```sh\n(.*?)^```/gms)].flatMap(([, block = '']) =>
    block
      .split('\n')
      .map(line => line.replace(/(^|\s+)#\s.*$/, '').trimEnd())
      .filter(line => line !== ''),
  )
