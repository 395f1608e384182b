import { join } from 'node:path'
import { lastLines, runToEnd } from '../command.ts'
import { cacheFolder, fillOnce } from './cache.ts'
import { executables } from './find.ts'
import type { Attempt, Program, Say } from './table.ts'

/** Builds the program from its Go module into the cache, where there is a Go to do it. */
export async function builtByGo(program: Program, say: Say): Promise<Attempt> {
  const { go, binary } = program
  if (!go) return { because: 'it is not written in Go' }
  const [compiler] = executables('go')
  if (!compiler) return { because: 'there is no "go" on the PATH' }
  say(`Building ${binary} ${go.version} with Go, once; that takes a minute or more …`)
  try {
    const path = await fillOnce(join(cacheFolder(), binary, go.version), binary, async folder => {
      const options = go.linker ? ['-ldflags', go.linker] : []
      const built = await runToEnd(compiler, ['install', ...options, `${go.module}@v${go.version}`], {
        env: { ...process.env, GOBIN: folder, CGO_ENABLED: '0', GOFLAGS: '-trimpath' },
      })
      if (!built.ok) throw new Error(`go install failed: ${lastLines(built.output, 3)}`)
    })
    return { path, version: go.version }
  } catch (error) {
    return { because: error instanceof Error ? error.message : String(error) }
  }
}
