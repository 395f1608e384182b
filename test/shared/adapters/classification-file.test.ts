import { mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { classificationFile, openClassifier } from '../../../shared/adapters/classification-file.ts'
import type { OpsEvent } from '../../../shared/event.ts'

describe('openClassifier()', () => {
  const dir = mkdtempSync(join(tmpdir(), 'ops-events-'))
  afterAll(() => rmSync(dir, { recursive: true }))
  const file = join(dir, 'rules.yaml')
  const said: string[] = []
  const say = (fields: object, message: string) => said.push(`${message} ${JSON.stringify(fields)}`)
  const log = { debug() {}, info: say, warn: say, error: say }
  const event: OpsEvent = {
    ...{ specversion: '1.0', id: 'e1', source: 's', type: 'Kube' },
    data: { reason: 'BackOff' },
  }
  let time = 0
  beforeEach(() => {
    said.length = 0
    time = 0
    rmSync(file, { force: true })
    writeFileSync(file, '- {reason: BackOff, severity: error}')
  })
  const opened = () => openClassifier({ file, log, now: () => time })

  it('goes by the tables where there is no file', () => {
    expect(openClassifier({ file: undefined, log })(event)).toMatchObject({ severity: 'warning' })
  })

  it('reads the file again within a second after it changed, as a config map does by a link', () => {
    const classify = opened()
    expect(classify(event).severity).toBe('error')
    writeFileSync(`${file}.2`, '- {reason: BackOff, severity: critical}')
    symlinkSync(`${file}.2`, `${file}.link`)
    renameSync(`${file}.link`, file)
    expect(classify(event).severity).toBe('error')
    time = 1_000
    expect(classify(event).severity).toBe('critical')
    expect(said).toHaveLength(2)
  })

  it.each([
    [
      'is wrong',
      () => writeFileSync(file, '\n- {reson: BackOff, severity: info}'),
      'line 2: there is no field',
    ],
    ['is gone', () => unlinkSync(file), 'ENOENT'],
  ])('keeps the rules in force when the file %s, and says why once', (_, spoil, why) => {
    const classify = opened()
    classify(event)
    spoil()
    for (time of [1_000, 2_000, 3_000]) expect(classify(event).severity).toBe('error')
    expect(said).toHaveLength(2)
    expect(said[1]).toContain('Rules of classification stay as they were')
    expect(said[1]).toContain(why)
    writeFileSync(file, '- {reason: BackOff, severity: info}')
    time = 4_000
    expect(classify(event).severity).toBe('info')
  })
})

describe('classificationFile', () => {
  it('refuses a file whose rules are wrong, or that is not there, when a process starts', () => {
    const dir = mkdtempSync(join(tmpdir(), 'ops-events-'))
    const file = join(dir, 'rules.yaml')
    writeFileSync(file, '- {reason: A, severity: info}\n- {reason: B, severity: dire}')
    const refused = (path: string) => classificationFile.safeParse(path).error?.issues[0]?.message
    expect(refused(file)).toBe(
      `cannot use the rules of ${file}: line 2: severity: it has to be info, warning, error, critical`,
    )
    expect(refused(join(dir, 'none.yaml'))).toContain('ENOENT')
    expect(refused('')).toContain('cannot use the rules of')
    rmSync(dir, { recursive: true })
  })
})
