import type { Target } from './dockerfile.ts'

/** What crane is asked for one image of a target: its layers on the base, then all that the target says of it. */
export function craneCommands(
  target: Target,
  { layers, image, common }: { layers: string[]; image: string; common: string[] },
): string[][] {
  const { USER = '', WORKDIR = '', ENTRYPOINT = '[]', EXPOSE = '' } = target.said
  const entrypoint: string[] = JSON.parse(ENTRYPOINT)
  return [
    ['append', ...common, '-b', target.base, ...layers.flatMap(file => ['-f', file]), '-t', image],
    [
      ...['mutate', ...common, image, '-t', image, '--user', USER, '--workdir', WORKDIR],
      ...['--entrypoint', entrypoint.join(','), '--exposed-ports', EXPOSE],
      ...each('--env', target.env),
      ...each('--label', target.labels),
    ],
  ]
}

const each = (flag: string, pairs: Record<string, string>) =>
  Object.entries(pairs).flatMap(([name, value]) => [flag, `${name}=${value}`])
