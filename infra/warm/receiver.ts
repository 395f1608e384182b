import type { Speak } from './pretended.ts'

/** As a receiver of deliveries: it is content with the head of a request. */
export const receiverLike: Speak = socket => said => {
  if (said.includes('\r\n\r\n')) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n')
  return ''
}
