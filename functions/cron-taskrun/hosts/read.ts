import type { HostStatus } from '../../../shared/resources/host.ts'

/** What a host tells of itself, from what the script printed; undefined where that did not come to its end. */
export function readHost(text: string): HostStatus | undefined {
  const sections = sectionsOf(text)
  if (!sections.has('end')) return undefined
  const of = (name: string) => sections.get(name)?.trim() || undefined
  const gpus = of('accelerators')
    ?.split('\n')
    .map(line => line.trim())
  return given({
    hostname: of('hostname'),
    kernelVersion: of('kernel'),
    arch: of('arch'),
    distribution: distributionIn(of('release')),
    ...disk(of('disk')),
    cpuTotal: of('cpus'),
    cpuLoad1: of('load')?.split(' ')[0],
    cpuUsagePercent: percent(busy(of('before'), of('after'))),
    ...memory(of('memory')),
    acceleratorVendor: gpus && 'NVIDIA',
    acceleratorModel: gpus?.[0],
    acceleratorCount: gpus && `${gpus.length}`,
  })
}

function sectionsOf(text: string): Map<string, string> {
  const parts = text.split(/^== ([a-z]+)$/m)
  return new Map(
    parts.flatMap((name, index) => (index % 2 === 1 ? [[name, parts[index + 1] ?? ''] as const] : [])),
  )
}

// PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
const distributionIn = (release: string | undefined) =>
  /^PRETTY_NAME=(["']?)(.*)\1$/m.exec(release ?? '')?.[2]

// Filesystem 1024-blocks Used Available Capacity Mounted on; a name may have blanks.
function disk(text: string | undefined): Pick<Partial<HostStatus>, 'diskTotal' | 'diskUsagePercent'> {
  const row = /\s(\d+)\s+(\d+)\s+(\d+)\s+(\d+)%\s+\/$/m.exec(text ?? '')
  if (!row) return {}
  return { diskTotal: size(Number(row[1])), diskUsagePercent: `${row[4]}%` }
}

function memory(text: string | undefined): Partial<HostStatus> {
  const kibibytes = (name: string) => {
    const found = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text ?? '')?.[1]
    return found === undefined ? undefined : Number(found)
  }
  const total = kibibytes('MemTotal')
  // Kernels before 3.14 do not tell what is available.
  const free = kibibytes('MemAvailable') ?? kibibytes('MemFree')
  if (!total || free === undefined) return {}
  return { memTotal: size(total), memUsagePercent: percent((total - free) / total) ?? '' }
}

/** The share of time that the processors worked between two lines of /proc/stat. */
function busy(before: string | undefined, after: string | undefined): number | undefined {
  const [from, to] = [before, after].map(line =>
    /^cpu\s+([\d ]+)$/m
      .exec(line ?? '')?.[1]
      ?.split(' ')
      .map(Number),
  )
  if (!from || !to) return undefined
  const spent = to.slice(0, 8).map((ticks, at) => ticks - (from[at] ?? 0))
  const all = spent.reduce((sum, ticks) => sum + ticks, 0)
  // The fourth is idle, the fifth waits for input and output.
  return all > 0 ? 1 - ((spent[3] ?? 0) + (spent[4] ?? 0)) / all : undefined
}

const percent = (share: number | undefined) =>
  share === undefined ? undefined : `${Math.round(share * 100)}%`

const units = ['KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const

/** As people read it: `15.6GiB`. */
function size(kibibytes: number): string {
  const power = Math.min(Math.floor(Math.log2(Math.max(kibibytes, 1)) / 10), units.length - 1)
  return `${Math.round((kibibytes / 1024 ** power) * 10) / 10}${units[power]}`
}

/** Without the fields that are not known. */
const given = (status: { [Name in keyof HostStatus]?: HostStatus[Name] | undefined }): HostStatus =>
  Object.fromEntries(Object.entries(status).filter(([, value]) => value !== undefined))
