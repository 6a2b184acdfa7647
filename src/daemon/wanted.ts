/** Whether a command line is to be done by the daemon. Loaded by the thin client: nothing is imported. */
export function wantsDaemon(args: readonly string[], environment: Readonly<Record<string, string | undefined>>, isCi: boolean): boolean {
  if (args[0] !== 'run') return false;
  const end = args.indexOf('--');
  const options = end === -1 ? args : args.slice(0, end);
  const last = options.findLast((word) => word === '--daemon' || word === '--no-daemon');
  // Who writes it on the command line means it, in CI too; an environment is set once for everything.
  if (last !== undefined) return last === '--daemon';
  const wish = environment.SPARK_GATES_DAEMON;
  return !isCi && wish !== undefined && wish !== '' && wish !== '0' && wish !== 'false';
}

/** Whether work that nobody has typed, as that of a hook, may go to the daemon: everywhere but in CI, unless it is switched off. */
export function allowsDaemon(environment: Readonly<Record<string, string | undefined>>, isCi: boolean): boolean {
  const wish = environment.SPARK_GATES_DAEMON;
  return wish === undefined || wish === '' ? !isCi : wish !== '0' && wish !== 'false';
}
