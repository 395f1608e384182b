import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** Whom all that an image holds belongs to, and who runs it. */
const nonRoot = 65_532

const block = 512

/**
 * The files of a folder as a layer (tar, ustar) that puts them in `at`, for our user, in an order and with a time that
 * never change: the same files are the same layer.
 */
export async function layerOf(folder: string, at: string): Promise<Buffer> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const inside = entries
    .map(entry => ({ path: join(entry.parentPath, entry.name), isFolder: entry.isDirectory() }))
    .sort((a, b) => (a.path < b.path ? -1 : 1))
  const parts: Buffer[] = []
  for (const { path, isFolder } of inside) {
    const name = at + path.slice(folder.length)
    if (isFolder) parts.push(header(`${name}/`, { mode: 0o755 }))
    else {
      const bytes = await readFile(path)
      const mode = (await stat(path)).mode & 0o100 ? 0o755 : 0o644
      parts.push(header(name, { mode, size: bytes.length }), bytes, Buffer.alloc(-bytes.length & (block - 1)))
    }
  }
  return Buffer.concat([...parts, Buffer.alloc(2 * block)])
}

function header(path: string, { mode, size = 0 }: { mode: number; size?: number }): Buffer {
  if (Buffer.byteLength(path) > 100)
    throw new Error(`Cannot put "${path}" into a layer: a path in it has 100 bytes at most`)
  const head = Buffer.alloc(block)
  const put = (text: string, offset: number) => head.write(text, offset, 'latin1')
  const octal = (value: number, digits: number) => value.toString(8).padStart(digits, '0')
  put(path, 0)
  put(octal(mode, 7), 100)
  put(octal(nonRoot, 7), 108)
  put(octal(nonRoot, 7), 116)
  put(octal(size, 11), 124)
  put(octal(0, 11), 136)
  // The sum is made with blanks in its own place.
  put(' '.repeat(8), 148)
  put(path.endsWith('/') ? '5' : '0', 156)
  put('ustar', 257)
  put('00', 263)
  const sum = head.reduce((total, byte) => total + byte, 0)
  put(`${octal(sum, 6)}\0 `, 148)
  return head
}
