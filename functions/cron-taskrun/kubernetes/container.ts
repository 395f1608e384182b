import type { Work } from '../executor.ts'
import type { PreparedStep } from '../script/step.ts'
import { folders, said } from './files.ts'
import { containerName, secretName } from './names.ts'
import { keys } from './run-secret.ts'
import { type Allowed, modest } from './world.ts'

/** A place of the work, and what is run there. */
export type At = Work['at'][number]

/** The container of a step, and as of which one it stands there. */
export function containerOf(
  step: PreparedStep,
  about: { index: number; at: At; work: Work; allowed: Allowed },
) {
  const { index, at, work, allowed } = about
  return {
    name: containerName(step.name, index),
    image: imageOf(step, work, allowed),
    command: ['/bin/sh', `${folders.steps}/${index + 1}.sh`],
    env: [...environment(step, at), ...references(at, work)],
    resources: allowed.resources ?? modest,
    securityContext: security(work, allowed),
    terminationMessagePath: said,
    terminationMessagePolicy: 'File',
    volumeMounts: [
      { name: 'steps', mountPath: folders.steps, readOnly: true },
      { name: 'shared', mountPath: folders.shared },
      ...mountsOf(work).map(({ name, mountPath, readOnly }) => ({ name, mountPath, readOnly })),
    ],
  }
}

const imageOf = (step: PreparedStep, { run, task }: Work, { image }: Allowed): string =>
  step.image ?? run.spec.runtimeImage ?? task.spec.runtimeImage ?? image

// Those of variables with other names are in step.env, under names that a shell knows.
const nameable = /^[A-Za-z_][A-Za-z0-9_]*$/

function environment(step: PreparedStep, { place, env }: At) {
  const all = { ...env, ...step.env, ...(place.name !== '' && { HOSTNAME: place.name }) }
  return Object.entries(all)
    .filter(([name]) => nameable.test(name) && name !== 'OPSSERVER_ENDPOINT')
    .filter(([name]) => place.name !== '' || name !== 'HOSTNAME')
    .map(([name, value]) => ({ name, value: literal(value) }))
}

// The kubelet replaces $(NAME), and takes $$ for $.
const literal = (value: string) => value.replaceAll('$', '$$$$')

function references({ place }: At, { run }: Work) {
  const secretKeyRef = { name: secretName(run), key: keys.endpoint }
  return [
    { name: 'OPSSERVER_ENDPOINT', valueFrom: { secretKeyRef } },
    ...(place.name === ''
      ? [{ name: 'HOSTNAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }]
      : []),
  ]
}

function security({ task }: Work, { user }: Allowed) {
  if (task.spec.privileged) return { privileged: true, runAsUser: 0 }
  return {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    seccompProfile: { type: 'RuntimeDefault' },
    ...(user !== undefined && { runAsUser: user, runAsNonRoot: true }),
  }
}

/** What the Task mounts: names of volumes, where they appear, and what is in them. */
export function mountsOf({ task }: Work) {
  return (task.spec.mounts ?? []).map(({ hostPath, mountPath, secret, configMap }, index) => {
    const name = `mount-${index + 1}`
    if (secret) {
      return {
        ...{ name, mountPath: secret.mountPath, readOnly: true },
        volume: { secret: { secretName: secret.name } },
      }
    }
    if (configMap) {
      return {
        ...{ name, mountPath: configMap.mountPath, readOnly: true },
        volume: { configMap: { name: configMap.name } },
      }
    }
    return {
      ...{ name, mountPath: mountPath ?? hostPath ?? '', readOnly: false },
      volume: { hostPath: { path: hostPath ?? '' } },
    }
  })
}
