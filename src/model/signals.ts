/** The signals that end a run in good order, with the exit code of each: 128 and its number. SIGHUP says that the terminal is gone. */
export const SIGNAL_EXIT_CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

export type SignalExitCode = (typeof SIGNAL_EXIT_CODES)[keyof typeof SIGNAL_EXIT_CODES];
