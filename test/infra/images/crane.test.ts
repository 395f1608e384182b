import { expect, it } from 'vitest'
import { craneCommand } from '../../../infra/images/crane.ts'
import { targetsOf } from '../../../infra/images/dockerfile.ts'

const dockerfile = `
FROM base AS app
ENV NODE_ENV=production \\
    NODE_OPTIONS="--max-old-space-size=192 --max-semi-space-size=2"
LABEL org.opencontainers.image.title="app"
USER 65532:65532
WORKDIR /app
EXPOSE 8080
ENTRYPOINT ["/nodejs/bin/node", "/app/index.js"]
`

it('craneCommand() puts the layers on the base, and says of the image what the Dockerfile does', () => {
  const target = targetsOf(dockerfile).get('app')
  if (!target) throw new Error('There is a target "app"')
  const about = { layers: ['a.tar', 'b.tar'], image: 'r/app:1', common: ['--insecure'] }
  expect(craneCommand(target, about)).toEqual([
    ...['mutate', '--insecure', 'base', '--tag', 'r/app:1', '--user', '65532:65532', '--workdir', '/app'],
    ...['--entrypoint', '/nodejs/bin/node,/app/index.js', '--exposed-ports', '8080'],
    ...['--append', 'a.tar', '--append', 'b.tar'],
    ...['--env', 'NODE_ENV=production'],
    ...['--env', 'NODE_OPTIONS=--max-old-space-size=192 --max-semi-space-size=2'],
    ...['--label', 'org.opencontainers.image.title=app'],
  ])
})
