import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { messageOf } from '../log.ts'

/** The path of a file, which is read anew whenever it is used: that it holds what it should is seen at the start. */
const fileWith = (looks: RegExp, what: string) =>
  z.string().superRefine((path, context) => {
    try {
      if (!looks.test(readFileSync(path, 'utf8'))) context.addIssue(`${path} holds no ${what}`)
    } catch (error) {
      context.addIssue(messageOf(error))
    }
  })

/** The files by which a process shows servers who it is, where a password is not enough. */
export const identity = {
  NATS_CREDS_FILE: fileWith(/BEGIN NATS USER JWT-.*BEGIN USER NKEY SEED-/s, 'credentials of NATS').optional(),
  TLS_CERT_FILE: fileWith(/-BEGIN CERTIFICATE-/, 'certificate in PEM').optional(),
  TLS_KEY_FILE: fileWith(/-BEGIN [A-Z ]*PRIVATE KEY-/, 'key in PEM').optional(),
}

/** What is set of them. */
export type Identity = { [name in keyof typeof identity]?: string | undefined }
