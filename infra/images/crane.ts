import type { Target } from './dockerfile.ts'

/**
 * What crane is asked for the image of a target: its layers on the base, and all that the target says of it. In one step,
 * so that nobody pulls by its tag what is not finished.
 */
export function craneCommand(
  target: Target,
  { layers, image, common }: { layers: string[]; image: string; common: string[] },
): string[] {
  const { USER = '', WORKDIR = '', ENTRYPOINT = '[]', EXPOSE = '' } = target.said
  const entrypoint: string[] = JSON.parse(ENTRYPOINT)
  return [
    ...['mutate', ...common, target.base, '--tag', image, '--user', USER, '--workdir', WORKDIR],
    ...['--entrypoint', entrypoint.join(','), '--exposed-ports', EXPOSE],
    ...layers.flatMap(file => ['--append', file]),
    ...each('--env', target.env),
    ...each('--label', target.labels),
  ]
}

const each = (flag: string, pairs: Record<string, string>) =>
  Object.entries(pairs).flatMap(([name, value]) => [flag, `${name}=${value}`])
