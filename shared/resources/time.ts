import { z } from 'zod'

/** A time as Kubernetes writes it: `2026-01-31T12:00:00Z`. */
export const Time = z.iso.datetime({ offset: true })
