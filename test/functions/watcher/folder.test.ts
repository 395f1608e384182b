import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { SourceFile } from '../../../functions/watcher/documents.ts'
import { watchFolder } from '../../../functions/watcher/folder.ts'

let dir: string
let stop: () => void
let calls: Record<string, string>[]
const said: string[] = []
const say = (_fields: object, message: string) => void said.push(message)
const log = { debug: say, info: say, warn: say, error: say }

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'ops-events-folder-'))
  calls = []
  said.length = 0
})
afterEach(() => {
  stop()
  rmSync(dir, { recursive: true, force: true })
})

const write = (path: string, text: string) => writeFileSync(join(dir, path), text)
const textOf = (file: SourceFile) => ('text' in file ? file.text : `! ${file.problem}`)

function watching(every?: number) {
  const changed = (files: SourceFile[]) =>
    void calls.push(Object.fromEntries(files.map(file => [file.path, textOf(file)])))
  stop = watchFolder(dir, changed, { log, ...(every && { every }) }).stop
}

const comes = (files: Record<string, string>, within = 20_000) =>
  vi.waitFor(() => expect(calls.at(-1)).toEqual(files), { timeout: within, interval: 10 })

describe('watchFolder', () => {
  it('starts with all YAML and JSON below the folder, and without what begins with a dot', async () => {
    mkdirSync(join(dir, 'team', 'deep'), { recursive: true })
    mkdirSync(join(dir, '.git'))
    const files = { 'b.yaml': 'b', 'a.yml': 'a', 'team/deep/c.json': 'c', 'team/D.YAML': 'd' }
    for (const [path, text] of Object.entries({
      ...files,
      'x.txt': 'x',
      '.y.yaml': 'y',
      '.git/z.yaml': 'z',
      'w.yaml~': 'w',
    }))
      write(path, text)
    watching()
    await comes(files)
    expect(Object.keys(calls[0] ?? {})).toEqual(['a.yml', 'b.yaml', 'team/D.YAML', 'team/deep/c.json'])
  })

  it('starts with nothing where there is nothing', async () => {
    watching()
    await comes({})
    expect(calls).toHaveLength(1)
  })

  it('sees a file made, changed and deleted, in a folder below too', async () => {
    mkdirSync(join(dir, 'below'))
    watching()
    await comes({})
    for (const path of ['a.yaml', 'below/b.yaml']) {
      write(path, 'one')
      await comes({ [path]: 'one' })
      write(path, 'two')
      await comes({ [path]: 'two' })
      rmSync(join(dir, path))
      await comes({})
    }
  })

  it('sees changes by looking alone, where the system tells of none', async () => {
    const top = dir
    dir = join(top, 'mounted')
    mkdirSync(dir)
    watching(100)
    await comes({})
    // The watch holds on to the folder that is gone.
    rmSync(dir, { recursive: true })
    await vi.waitFor(() => expect(said).toContain('Cannot read the folder: its hooks stay in force'))
    expect(calls).toHaveLength(1)
    mkdirSync(dir)
    write('a.yaml', 'one')
    await comes({ 'a.yaml': 'one' })
    expect(said.filter(line => line.includes('folder'))).toEqual([
      'Cannot read the folder: its hooks stay in force',
      'The folder of hooks is back',
    ])
    dir = top
  })

  it('reads a file that is written bit by bit only when it stands still', async () => {
    watching()
    await comes({})
    write('a.yaml', '')
    for (const letter of 'abcdefgh') {
      appendFileSync(join(dir, 'a.yaml'), letter)
      await pause(20)
    }
    await comes({ 'a.yaml': 'abcdefgh' })
    expect(calls).toHaveLength(2)
  })

  it('starts all the same beside a file that never stands still', async () => {
    write('a.yaml', 'a')
    write('busy.json', '')
    const busy = setInterval(() => appendFileSync(join(dir, 'busy.json'), '.'), 20)
    try {
      watching()
      await comes({ 'a.yaml': 'a' })
    } finally {
      clearInterval(busy)
    }
  })

  it('misses a renamed file at no moment', async () => {
    write('a.yaml', 'text')
    watching()
    await comes({ 'a.yaml': 'text' })
    renameSync(join(dir, 'a.yaml'), join(dir, 'b.yaml'))
    await comes({ 'b.yaml': 'text' })
    write('.b.yaml.tmp', 'saved')
    renameSync(join(dir, '.b.yaml.tmp'), join(dir, 'b.yaml'))
    await comes({ 'b.yaml': 'saved' })
    expect(calls).toHaveLength(3)
  })

  it('follows a mounted ConfigMap, whose link is turned to another folder', async () => {
    const version = (name: string, text: string) => {
      mkdirSync(join(dir, name))
      write(`${name}/hooks.yaml`, text)
      symlinkSync(name, join(dir, '..data_tmp'))
      renameSync(join(dir, '..data_tmp'), join(dir, '..data'))
    }
    version('..2026_01', 'one')
    symlinkSync('..data/hooks.yaml', join(dir, 'hooks.yaml'))
    watching()
    await comes({ 'hooks.yaml': 'one' })
    version('..2026_02', 'two')
    rmSync(join(dir, '..2026_01'), { recursive: true })
    await comes({ 'hooks.yaml': 'two' })
    expect(calls).toHaveLength(2)
  })

  it('says what keeps a file from being read, and does not walk in circles', async () => {
    write('a.yaml', 'a')
    writeFileSync(join(dir, 'b.yaml'), Buffer.from([0xc3, 0x28]))
    symlinkSync('.', join(dir, 'self'))
    symlinkSync('nowhere', join(dir, 'c.yaml'))
    watching()
    await comes({ 'a.yaml': 'a', 'b.yaml': '! it is not UTF-8' })
  })
})
