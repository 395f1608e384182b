import { describe, expect, it } from 'vitest'
import { ms, stage, thing } from './stage.ts'

const hourly = (more: object = {}, metadata: object = {}) =>
  thing('card', { spec: { taskRef: 'card', crontab: '30 * * * *', ...more }, ...metadata })

describe('the clock', () => {
  it('orders what is due at its second, and nothing else', async () => {
    const { begin, until } = stage()
    begin({}, { TaskRun: [hourly()] })
    expect(await until('2026-11-21T12:29:59.999Z')).toEqual([])
    expect(await until('2026-11-21T12:30:00Z')).toEqual(['due card 12:30:00'])
    expect(await until('2026-11-21T14:30:00Z')).toEqual(['due card 13:30:00', 'due card 14:30:00'])
  })

  it('says when it has to look again', () => {
    const { begin, watch } = stage()
    begin({}, { TaskRun: [hourly()] })
    expect(watch.tick()).toBe(ms('2026-11-21T12:30:00Z'))
  })

  it('gives an order on the subject of its object, with an id of object and due second', async () => {
    const [one, other] = [stage(), stage({ at: '2026-11-21T12:10:00Z' })]
    for (const { begin, until } of [one, other]) {
      begin({}, { PipelineRun: [hourly()] })
      await until('2026-11-21T12:30:00Z')
    }
    expect(one.events[0]?.subject).toBe('runs.ops.pipelineruns.card.due')
    expect(one.events.map(({ id }) => id)).toEqual(other.events.map(({ id }) => id))
  })

  it('goes by the time zone of the object, else by that of the process', async () => {
    const daily = { taskRef: 'card', crontab: '30 6 * * *' }
    const { begin, until } = stage({ timeZone: 'Asia/Tokyo' })
    begin(
      {},
      { TaskRun: [thing('here', { spec: daily }), thing('there', { spec: { ...daily, timeZone: 'UTC' } })] },
    )
    expect(await until('2026-11-22T08:00:00Z')).toEqual(['due here 21:30:00', 'due there 06:30:00'])
  })

  it('orders nothing while it is suspended, and nothing of that time when it goes on', async () => {
    const { begin, put, until } = stage()
    begin({}, { TaskRun: [hourly()] })
    put('TaskRun', hourly({ suspend: true }, { generation: 2 }))
    expect(await until('2026-11-21T15:00:00Z')).toEqual([])
    put('TaskRun', hourly({ suspend: false }, { generation: 3 }))
    expect(await until('2026-11-21T15:40:00Z')).toEqual(['due card 15:30:00'])
  })

  it('takes up another crontab at once, and misses nothing of it before', async () => {
    const { begin, put, until } = stage({ at: '2026-11-21T12:31:00Z' })
    begin({}, { TaskRun: [hourly()] })
    put('TaskRun', hourly({ crontab: '*/10 * * * *' }, { generation: 2 }))
    expect(await until('2026-11-21T12:51:00Z')).toEqual(['due card 12:40:00', 'due card 12:50:00'])
  })

  it('goes on where an object changes otherwise', async () => {
    const { begin, put, putClock, heard } = stage({ at: '2026-11-21T12:29:59.900Z' })
    begin({}, { TaskRun: [hourly()] })
    putClock('2026-11-21T12:30:00.100Z')
    put('TaskRun', hourly({}, { resourceVersion: '2', labels: { a: 'b' } }))
    expect(await heard()).toEqual(['due card 12:30:00'])
  })

  it('forgets what is gone, and begins with what has the same name', async () => {
    const { begin, gone, put, until } = stage()
    begin({}, { TaskRun: [hourly()] })
    gone('TaskRun', hourly())
    expect(await until('2026-11-21T13:00:00Z')).toEqual([])
    put('TaskRun', hourly({}, { uid: 'other', creationTimestamp: '2026-11-21T13:00:00Z' }))
    expect(await until('2026-11-21T14:00:00Z')).toEqual(['due card 13:30:00'])
  })

  it('orders 500 due at once, all of them in the same moment', async () => {
    const all = Array.from({ length: 500 }, (_, index) =>
      thing(`t${index}`, { spec: { taskRef: 't', crontab: '0 13 * * *' } }),
    )
    const { begin, until, counted } = stage()
    begin({}, { TaskRun: all })
    expect(await until('2026-11-21T13:00:00Z')).toHaveLength(500)
    expect(counted().ordered).toBe(500)
  })

  it('runs each of many seconds when it was held up for a moment', async () => {
    const { begin, putClock, heard } = stage()
    begin({}, { TaskRun: [hourly({ crontab: '@every 1s' })] })
    putClock('2026-11-21T12:00:03.200Z')
    expect(await heard()).toEqual(['due card 12:00:01', 'due card 12:00:02', 'due card 12:00:03'])
  })
})

describe('after an outage of all watchers the clock', () => {
  const given = ms('2026-11-21T10:15:00Z')

  it('orders the latest that was missed, and tells how many were not', async () => {
    const { begin, heard, events, counted } = stage()
    begin({ given }, { TaskRun: [hourly({ crontab: '*/15 * * * *' })] })
    expect(await heard()).toEqual(['due card 12:00:00', 'Warning card MissedSchedule'])
    expect(events[1]).toMatchObject({
      subject: 'ops.clusters.c1.namespaces.ops.taskruns.card.events',
      data: {
        ...{ kind: 'TaskRun', name: 'card', uid: 'uid-card', count: 6 },
        ...{ firstTime: '2026-11-21T10:30:00.000Z', lastTime: '2026-11-21T11:45:00.000Z' },
        message:
          '6 runs were due from 2026-11-21T10:30:00.000Z to 2026-11-21T11:45:00.000Z and skipped, since nobody could start them; the one of 2026-11-21T12:00:00.000Z is started late',
      },
    })
    expect(counted().missed).toBe(6)
  })

  it('tells of it once, however many watchers see it', async () => {
    const [one, other] = [stage(), stage({ at: '2026-11-21T12:00:30Z' })]
    for (const { begin, heard } of [one, other]) {
      begin({ given }, { TaskRun: [hourly({ crontab: '*/15 * * * *' })] })
      await heard()
    }
    expect(one.events).toHaveLength(2)
    expect(one.events.map(({ id }) => id)).toEqual(other.events.map(({ id }) => id))
  })

  it('orders a single one that was missed, and has nothing to tell', async () => {
    const { begin, heard } = stage()
    begin({ given: ms('2026-11-21T11:10:00Z') }, { TaskRun: [hourly()] })
    expect(await heard()).toEqual(['due card 11:30:00'])
  })

  it('orders none that is later than its startingDeadlineSeconds', async () => {
    const { begin, heard, events } = stage()
    begin({ given }, { TaskRun: [hourly({ startingDeadlineSeconds: 600 })] })
    expect(await heard()).toEqual(['Warning card MissedSchedule'])
    expect(events[0]?.data.message).toContain(
      '2 runs were due from 2026-11-21T10:30:00.000Z to 2026-11-21T11:30:00.000Z',
    )
    expect(events[0]?.data.message).toContain('within 600 s (startingDeadlineSeconds)')
  })

  it('orders in time what is on time, with a startingDeadlineSeconds of 0 too', async () => {
    const { begin, until } = stage()
    begin({}, { TaskRun: [hourly({ startingDeadlineSeconds: 0 })] })
    expect(await until('2026-11-21T12:30:00.050Z')).toEqual(['due card 12:30:00'])
  })

  it('counts none from before an object was made', async () => {
    const { begin, heard } = stage()
    begin({ given }, { TaskRun: [hourly({}, { creationTimestamp: '2026-11-21T11:31:00Z' })] })
    expect(await heard()).toEqual([])
  })

  it('orders what was made and missed in the meantime', async () => {
    const { begin, heard } = stage()
    begin({ given }, { TaskRun: [hourly({}, { creationTimestamp: '2026-11-21T11:15:00Z' })] })
    expect(await heard()).toEqual(['due card 11:30:00'])
  })

  it('counts none of a spec that was changed while nobody watched', async () => {
    const { begin, until } = stage()
    begin({ given }, { TaskRun: [hourly({}, { generation: 4 })] })
    expect(await until('2026-11-21T12:30:00Z')).toEqual(['due card 12:30:00'])
  })

  it('counts from when a changed spec was seen', async () => {
    const edits = new Map([['uid-card', { generation: 4, since: ms('2026-11-21T11:00:00Z') }]])
    const { begin, heard } = stage()
    begin({ given, edits }, { TaskRun: [hourly({ crontab: '*/20 * * * *' }, { generation: 4 })] })
    expect(await heard()).toEqual(['due card 12:00:00', 'Warning card MissedSchedule'])
  })

  it('orders nothing that its status says was acted on', async () => {
    const { begin, heard } = stage()
    begin(
      { given },
      {
        TaskRun: [
          thing('card', {
            spec: { crontab: '30 * * * *' },
            status: { lastScheduleTime: '2026-11-21T11:30:00Z' },
          }),
        ],
      },
    )
    expect(await heard()).toEqual([])
  })

  it('counts millions of seconds in no time', async () => {
    const { begin, heard, events } = stage()
    const since = '2026-08-01T00:00:00Z'
    begin({ given: ms(since) }, { TaskRun: [hourly({ crontab: '@every 1s' }, { creationTimestamp: since })] })
    expect(await heard()).toEqual(['due card 12:00:00', 'Warning card MissedSchedule'])
    expect(events[1]?.data.count).toBe((ms('2026-11-21T12:00:00Z') - ms(since)) / 1000 - 1)
  })

  it('goes by what it remembers also where the cluster does not know the kind at first', async () => {
    const { watch, take, all, heard } = stage()
    take('TaskRun', { kind: 'unknown' })
    watch.begin({ given: ms('2026-11-21T11:45:00Z'), edits: new Map() })
    all('TaskRun', hourly({ crontab: '*/10 * * * *' }))
    expect(await heard()).toEqual(['due card 12:00:00', 'Warning card MissedSchedule'])
  })

  it('begins anew where what it remembers is yet to come', async () => {
    const { begin, watch, until } = stage()
    begin({ given: ms('2027-11-21T12:00:00Z') }, { TaskRun: [hourly()] })
    expect(watch.reached()).toMatchObject({ anew: true, given: ms('2026-11-21T12:00:00Z') })
    expect(await until('2026-11-21T12:30:00Z')).toEqual(['due card 12:30:00'])
  })

  it('misses nothing at the very first start', async () => {
    const { begin, heard } = stage()
    begin({ given: undefined }, { TaskRun: [hourly({ crontab: '* * * * *' })] })
    expect(await heard()).toEqual([])
  })
})

describe('a watcher that was away while another one was there', () => {
  it('orders nothing again, and has nothing to tell', async () => {
    const { begin, until, putClock, heard } = stage({ given: async () => ms('2026-11-21T13:31:00Z') })
    begin({}, { TaskRun: [hourly({ crontab: '*/10 * * * *' })] })
    await until('2026-11-21T12:01:00Z')
    putClock('2026-11-21T13:35:00Z')
    expect(await heard()).toEqual([])
    expect(await until('2026-11-21T13:41:00Z')).toEqual(['due card 13:40:00'])
  })
})

describe('where the bus is away the clock', () => {
  it('orders the latest when it is back, and tells of the others', async () => {
    const { begin, until, bus, watch } = stage()
    begin({}, { TaskRun: [hourly({ crontab: '*/10 * * * *' })] })
    bus('away')
    expect(await until('2026-11-21T12:25:00Z')).toEqual([])
    expect(watch.reached()?.given).toBe(ms('2026-11-21T12:00:00Z'))
    bus('back')
    expect(await until('2026-11-21T12:31:00Z')).toEqual([
      'due card 12:20:00',
      'Warning card MissedSchedule',
      'due card 12:30:00',
    ])
    expect(watch.reached()?.given).toBe(ms('2026-11-21T12:31:00Z'))
  })
})

describe('where the wall clock is put', () => {
  it('forwards, that is an outage', async () => {
    const { begin, until, putClock, heard } = stage()
    begin({}, { TaskRun: [hourly()] })
    await until('2026-11-21T12:40:00Z')
    putClock('2026-11-21T16:00:00Z')
    expect(await heard()).toEqual(['due card 15:30:00', 'Warning card MissedSchedule'])
  })

  it('back into time that it has passed, nothing is ordered twice', async () => {
    const { begin, until, putClock } = stage()
    begin({}, { TaskRun: [hourly()] })
    expect(await until('2026-11-21T13:35:00Z')).toEqual(['due card 12:30:00', 'due card 13:30:00'])
    putClock('2026-11-21T12:15:00Z')
    expect(await until('2026-11-21T14:30:00Z')).toEqual(['due card 14:30:00'])
  })

  it('back to before that, it goes on from there and skips what it has ordered', async () => {
    const { begin, until, putClock, watch } = stage()
    begin({}, { TaskRun: [hourly()] })
    expect(await until('2026-11-21T13:35:00Z')).toEqual(['due card 12:30:00', 'due card 13:30:00'])
    putClock('2026-11-21T10:15:00Z')
    expect(await until('2026-11-21T11:35:00Z')).toEqual(['due card 10:30:00', 'due card 11:30:00'])
    expect(watch.reached()).toMatchObject({ anew: true, given: ms('2026-11-21T11:35:00Z') })
    expect(await until('2026-11-21T14:35:00Z')).toEqual(['due card 14:30:00'])
  })

  it('ahead by a year and back, the clock goes on', async () => {
    const { begin, until, putClock, heard } = stage()
    begin({}, { TaskRun: [hourly()] })
    putClock('2027-11-21T12:10:00Z')
    expect(await heard()).toEqual(['due card 11:30:00', 'Warning card MissedSchedule'])
    putClock('2026-11-21T12:11:00Z')
    expect(await until('2026-11-21T12:35:00Z')).toEqual(['due card 12:30:00'])
  })

  it('back while the bus is away, it is ordered when that is back', async () => {
    const { begin, until, putClock, bus } = stage()
    begin({}, { TaskRun: [hourly()] })
    bus('away')
    await until('2026-11-21T12:31:00Z')
    putClock('2026-11-21T11:00:00Z')
    bus('back')
    expect(await until('2026-11-21T12:35:00Z')).toEqual(['due card 11:30:00', 'due card 12:30:00'])
  })
})

describe('a crontab that cannot be honoured', () => {
  it.each(['0 0 30 2 *', 'garbage', '61 * * * *'])(
    '"%s" is refused, once for each generation',
    async crontab => {
      const { begin, put, until } = stage()
      begin({}, { TaskRun: [hourly({ crontab })] })
      const [refused, ...more] = await until('2026-11-21T12:05:00Z')
      expect(refused).toMatch(/^refuse card Cannot read crontab/)
      expect(more).toEqual([])
      put('TaskRun', hourly({ crontab }, { resourceVersion: '2' }))
      expect(await until('2026-11-21T12:10:00Z')).toEqual([])
      put('TaskRun', hourly({ crontab }, { generation: 2 }))
      expect(await until('2026-11-21T12:10:00Z')).toHaveLength(1)
    },
  )

  it('is not refused again by a watcher that starts when its status says so', async () => {
    const [first, second] = [stage(), stage()]
    const spec = { crontab: '0 0 30 2 *' }
    first.begin({}, { TaskRun: [thing('card', { spec })] })
    await first.heard()
    const message = first.events[0]?.data.reason
    second.begin({}, { TaskRun: [thing('card', { spec, status: { runStatus: 'DataInValid', message } })] })
    expect(await second.heard()).toEqual([])
  })

  it('lets all others go on, and is taken up when it is mended', async () => {
    const { begin, put, until } = stage()
    begin(
      {},
      { TaskRun: [hourly({ crontab: 'garbage' }), thing('other', { spec: { crontab: '20 * * * *' } })] },
    )
    expect(await until('2026-11-21T12:25:00Z')).toEqual([
      expect.stringMatching(/^refuse card/),
      'due other 12:20:00',
    ])
    const status = { runStatus: 'DataInValid', message: 'Cannot read crontab "garbage"' }
    put('TaskRun', thing('card', { spec: { crontab: '30 * * * *' }, status, generation: 2 }))
    expect(await until('2026-11-21T12:40:00Z')).toEqual(['due card 12:30:00'])
  })
})
