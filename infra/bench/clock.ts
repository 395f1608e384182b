// On Linux the monotonic clock of the machine: the same in every process.
const offset = Number(process.hrtime.bigint()) / 1e6 - performance.now()

/** Milliseconds on a clock that all processes of this machine share. */
export const clock = () => performance.now() + offset
