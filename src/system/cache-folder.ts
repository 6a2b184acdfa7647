import path from 'node:path';

/** Where what is remembered between runs lives: `$XDG_CACHE_HOME/spark-gates`, or `~/.cache/spark-gates`. Null: nowhere. */
export function cacheFolder(environment: Readonly<Record<string, string | undefined>>): string | null {
  const base = environment.XDG_CACHE_HOME ?? (environment.HOME === undefined || environment.HOME === '' ? undefined : path.join(environment.HOME, '.cache'));
  // The specification of XDG_CACHE_HOME has a relative path ignored: it would mean another folder in each.
  return base === undefined || !path.isAbsolute(base) ? null : path.join(base, 'spark-gates');
}
