import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { functionNames } from '../../infra/install/secrets.ts'

// What `kn func` reads says in its own words what the Services of knative/base say; what it has no words for is left out.

const read = (path: string) => parse(readFileSync(new URL(`../../knative/${path}`, import.meta.url), 'utf8'))

it.each(functionNames)('%s is deployed by func as the Service says', name => {
  const { metadata, spec } = read(`base/${name}.yaml`)
  const { annotations } = spec.template.metadata
  const [container] = spec.template.spec.containers
  const scaling = (key: string) => annotations[`autoscaling.knative.dev/${key}`]
  const concurrency = spec.template.spec.containerConcurrency
  const { run, deploy, ...func } = read(`func/${name}/func.yaml`)

  expect([func.name, func.namespace, func.image]).toEqual([name, metadata.namespace, container.image])
  expect(deploy.serviceAccountName).toBe(spec.template.spec.serviceAccountName)
  expect(Object.fromEntries(deploy.labels.map(({ key, value }: Pair) => [key, value]))).toEqual(
    metadata.labels,
  )
  expect(annotations).toMatchObject(deploy.annotations)
  expect(deploy.options.scale).toEqual({
    min: Number(scaling('min-scale')),
    max: Number(scaling('max-scale')),
    metric: scaling('metric'),
    target: Number(scaling('target')),
  })
  const { requests, limits } = container.resources
  expect(deploy.options.resources).toEqual({
    requests,
    limits: { ...limits, ...(concurrency && { concurrency }) },
  })
  expect(run.envs.slice(2)).toEqual(container.env ?? [])
})

type Pair = { key: string; value: string }
