import { z } from 'zod'
import { whole } from '../read.ts'
import { EventFilter } from './filter.ts'

const pages = { page: whole(1, 1_000_000).default(1), page_size: whole(1, 1_000).default(10) }

export const Subjects = z.strictObject({
  search: z
    .string()
    .max(512)
    .regex(/^\P{Cc}*$/u, 'it has a control character')
    .toLowerCase()
    .default('')
    .describe('Only subjects with this text in them'),
  ...pages,
})

export const Published = z.strictObject({
  start_time: EventFilter.start_time.describe('Not before: Unix milliseconds or RFC 3339'),
  end_time: EventFilter.end_time,
  max_length: whole(1, 10_000).default(1_000).describe('So many of the latest at most, over all pages'),
  timeout: whole(0, 3_600).optional().describe('Taken for the sake of older callers; it changes nothing'),
  ...pages,
})

const told = { total: z.int(), page: z.int(), page_size: z.int() }
export const SubjectPage = z.object({ list: z.array(z.string()), ...told })
export const PublishedPage = z.object({
  list: z.array(
    z.object({
      subject: z.string(),
      event: z.looseObject({ id: z.string() }).describe('The CloudEvent'),
      time: z.string().describe('2026-01-31 12:00:00, UTC'),
    }),
  ),
  ...told,
})
