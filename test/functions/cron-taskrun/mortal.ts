import type { World } from '../../../functions/cron-taskrun/world.ts'

/** A world in which a process dies at one of its deeds: nothing that it does from then on comes to anything. */
export type Mortal = {
  world: World
  /** Resolves when it has died. */
  died: Promise<void>
  /** What it did, up to its death. */
  deeds: string[]
}

/** Dies before or after its `nth` deed, counted from 0: whatever others see of it. */
export function mortal(world: World, nth: number, when: 'before' | 'after'): Mortal {
  const deeds: string[] = []
  const letGo: (() => void)[] = []
  let dead = false
  let die = () => {}
  const died = new Promise<void>(resolve => {
    die = () => {
      dead = true
      for (const one of letGo) one()
      resolve()
    }
  })
  const forever = new Promise<never>(() => {})

  const deed =
    <A extends unknown[], R>(name: string, act: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      if (dead) return forever
      const at = deeds.push(name) - 1
      if (at === nth && when === 'before') die()
      if (dead) return forever
      const result = await act(...args)
      if (at === nth) die()
      return dead ? forever : result
    }

  const { objects, tokens, holders } = world
  return {
    died,
    deeds,
    world: {
      ...world,
      objects: {
        ...objects,
        create: deed('create', objects.create) as typeof objects.create,
        putStatus: deed('put status', objects.putStatus) as typeof objects.putStatus,
        remove: deed('remove', objects.remove),
      },
      tokens: { ...tokens, keep: deed('keep token', tokens.keep), drop: deed('drop token', tokens.drop) },
      publish: deed('publish', world.publish),
      async executor(name) {
        const executor = await world.executor(name)
        return (
          executor && {
            ...executor,
            start: deed('start', executor.start),
            stop: deed('stop', executor.stop),
          }
        )
      },
      holders: {
        ...holders,
        async hold(uid, stop) {
          const held = await holders.hold(uid, stop)
          letGo.push(held.letGo)
          return held
        },
      },
    },
  }
}
