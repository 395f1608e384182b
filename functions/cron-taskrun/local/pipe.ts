import { execFile } from 'node:child_process'
import { closeSync, constants, openSync, unlinkSync } from 'node:fs'
import { Socket } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A pipe: its end for a child process, and what comes out of it. */
export type Pipe = { writer: number; reader: Socket; closeWriter(): void }

/**
 * A pipe as shells make them. What Node gives a child is a socket, and there `echo x >/dev/stderr` fails.
 * @throws Error where none can be made in the folder
 */
export async function openPipe(folder: string, path: string): Promise<Pipe> {
  const at = join(folder, 'output')
  await run('mkfifo', ['-m', '600', at], { env: { PATH: path } })
  const fd = openSync(at, constants.O_RDONLY | constants.O_NONBLOCK)
  const writer = openSync(at, constants.O_WRONLY)
  unlinkSync(at)
  const reader = new Socket({ fd, readable: true, writable: false })
  // Broken or at its end: either way nothing more comes.
  reader.on('error', () => {})
  return { writer, reader, closeWriter: () => closeSync(writer) }
}
