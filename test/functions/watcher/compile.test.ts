import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Destination } from '../../../shared/hookset.ts'
import { sealWith } from '../../../shared/seal.ts'
import { compiledFrom, complaints, hookYaml, key, memoryFolder } from './folder-of.ts'

const hooksOf = ({ placed }: ReturnType<typeof compiledFrom>) => placed.map(({ hook }) => hook)
const opened = (sealed: string, id: string) => Destination.parse(JSON.parse(sealWith(key).open(sealed, id)))

describe('the hooks of the published examples', () => {
  const folder = new URL('../../fixtures/hooks/', import.meta.url)
  const texts = readdirSync(folder).map(name => [name, readFileSync(new URL(name, folder), 'utf8')] as const)

  it('compile as they are, in order of id', () => {
    const compiled = memoryFolder().write(Object.fromEntries(texts))
    expect(complaints(compiled)).toEqual([])
    expect(hooksOf(compiled).map(({ id, type, subject }) => [id, type, subject])).toEqual([
      [
        'ops-system/convert-clusters-pods-events-to-alerts',
        'event',
        'ops.clusters.*.namespaces.*.pods.*.events',
      ],
      ['ops-system/custom-disable', 'webhook', 'ops.clusters.*.nodes.*.events'],
      ['ops-system/nodes-p0', 'xiezuo', 'ops.clusters.*.nodes.*.events'],
      ['ops-system/post-cluster-pod-ops-agent', 'webhook', 'ops.clusters.*.namespaces.*.pods.*.alerts'],
    ])
  })

  it('compile just so from one file of several documents, and from a list', () => {
    const apart = texts.map(([, text]) => text)
    const list = `apiVersion: v1\nkind: List\nitems:\n${apart
      .map(text =>
        text
          .replace(/^#.*\n/, '')
          .replace(/^/gm, '    ')
          .replace('    ', '  - ')
          .trimEnd(),
      )
      .join('\n')}\n`
    for (const text of [apart.join('---\n'), list]) {
      expect(complaints(compiledFrom(text))).toEqual([])
      expect(hooksOf(compiledFrom(text))).toHaveLength(4)
    }
  })
})

describe('a compiled hook', () => {
  it('shows what matching needs and seals where to send', () => {
    const text = `${hookYaml('a', { type: 'xiezuo', subject: 'Ops.Clusters.*', url: 'https://x.example/send?key=s3cret' })}  additional: for-you
  options: { token: t0ken }
  keywords: { include: [One], exclude: [two], matchMode: all, matchType: exact }
`
    const [hook] = hooksOf(compiledFrom(text))
    expect(hook).toMatchObject({
      id: 'ops/a',
      type: 'xiezuo',
      subject: 'ops.clusters.*',
      include: ['One'],
      exclude: ['two'],
      matchMode: 'ALL',
      matchType: 'EXACT',
    })
    expect(JSON.stringify(hook)).not.toMatch(/s3cret|x\.example|t0ken|for-you/)
    expect(opened(hook?.sealed ?? '', 'ops/a')).toEqual({
      url: 'https://x.example/send?key=s3cret',
      options: { token: 't0ken' },
      additional: 'for-you',
    })
  })

  it('shows the target of type event in lower case', () => {
    const [hook] = hooksOf(compiledFrom(hookYaml('a', { type: 'event', subject: 'ops.a.*', url: 'Ops.B.*' })))
    expect(hook?.target).toBe('ops.b.*')
  })

  it('is the same object until its spec changes', () => {
    const folder = memoryFolder()
    const [before] = hooksOf(folder.write({ 'a.yaml': hookYaml('a') }))
    const [same] = hooksOf(folder.write({ 'b.yaml': `# moved\n${hookYaml('a')}` }))
    expect(same).toBe(before)
    const [other] = hooksOf(folder.write({ 'b.yaml': hookYaml('a', { additional: 'new' }) }))
    expect(other?.revision).not.toBe(before?.revision)
    expect(other?.sealed).not.toBe(before?.sealed)
  })

  it('has a revision that neither tells its url nor outlives its key', async () => {
    const { sealingWith } = await import('../../../functions/watcher/sealing.ts')
    const one = sealingWith(key).revision('spec')
    expect(sealingWith(`${key}, ${Buffer.alloc(32, 8).toString('base64')}`).revision('spec')).toBe(one)
    expect(sealingWith(Buffer.alloc(32, 8).toString('base64')).revision('spec')).not.toBe(one)
  })
})

describe('what a later edit does', () => {
  const good = hookYaml('a')
  const bad = hookYaml('a', { type: 'webhok' })

  it('keeps the last valid version of a hook that became invalid, and says so', () => {
    const folder = memoryFolder()
    const [before] = hooksOf(folder.write({ 'a.yaml': good }))
    const edited = folder.write({ 'a.yaml': bad })
    expect(hooksOf(edited)[0]).toBe(before)
    expect(edited.refused).toMatchObject([{ hook: 'ops/a', kept: [`ops/a ${before?.revision}`] }])
  })

  it('has nothing to keep of a hook that never was valid', () => {
    expect(hooksOf(compiledFrom(bad))).toEqual([])
    expect(compiledFrom(bad).refused).toMatchObject([{ hook: 'ops/a', kept: [] }])
  })

  it('keeps the hooks of a file that cannot be parsed any more, and those of no other file', () => {
    const folder = memoryFolder()
    folder.write({ 'a.yaml': `${good}---\n${hookYaml('b')}`, 'c.yaml': hookYaml('c') })
    const half = folder.write({ 'a.yaml': good.slice(0, -10).concat('\n  {') })
    expect(hooksOf(half).map(({ id }) => id)).toEqual(['ops/a', 'ops/b'])
  })

  it('keeps a hook whose kind is misspelt now', () => {
    const folder = memoryFolder()
    folder.write({ 'a.yaml': good })
    const misspelt = folder.write({ 'a.yaml': good.replace('EventHooks', 'EventHook') })
    expect(hooksOf(misspelt)).toHaveLength(1)
  })

  it('lets go of a hook whose document or file is deleted', () => {
    const folder = memoryFolder()
    folder.write({ 'a.yaml': `${good}---\n${hookYaml('b')}` })
    expect(hooksOf(folder.write({ 'a.yaml': good })).map(({ id }) => id)).toEqual(['ops/a'])
    expect(hooksOf(folder.write({}))).toEqual([])
  })

  it('takes a kept hook back when its file is valid again', () => {
    const folder = memoryFolder()
    const [before] = hooksOf(folder.write({ 'a.yaml': good }))
    folder.write({ 'a.yaml': bad })
    const again = folder.write({ 'a.yaml': good })
    expect(hooksOf(again)[0]).toBe(before)
    expect(again.refused).toEqual([])
  })
})

describe('other resources', () => {
  it('are ignored, and those of ours left to who takes them in', () => {
    const text = ['Task', 'TaskRun', 'Pipeline', 'PipelineRun', 'Host', 'Cluster']
      .map(kind => `---\napiVersion: crd.chenshaowen.com/v1\nkind: ${kind}\nmetadata: { name: x }\n`)
      .concat('---\napiVersion: apps/v1\nkind: Deployment\nmetadata: { name: x }\n')
      .join('')
    const { ignored, refused } = compiledFrom(text)
    expect(refused).toEqual([])
    expect(ignored).toEqual([{ file: 'a.yaml', document: 7, what: 'Deployment of apps/v1' }])
  })

  it('cost nothing where a document is empty', () => {
    for (const text of ['# nothing yet\n---\n---\n', '']) {
      const { placed, refused, ignored } = compiledFrom(text)
      expect([...placed, ...refused, ...ignored]).toEqual([])
    }
  })
})

describe('a name that is given twice', () => {
  it('belongs to the first, in order of path and document', () => {
    const compiled = memoryFolder().write({
      'a.yaml': `---\n${hookYaml('a')}`,
      'b.yaml': hookYaml('a', { subject: 'ops.b' }),
    })
    expect(hooksOf(compiled)[0]?.subject).toBe('ops.>')
    expect(complaints(compiled)).toEqual([
      '4 metadata.name: it is taken: a.yaml:5, document 1, has the same namespace and name',
    ])
  })
})
