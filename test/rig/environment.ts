import { REPOSITORY } from './project.ts';
import path from 'node:path';

/** Takes part in the budget of the machine, as a user's run does. */
export const SHARED = { SPARK_GATES_CORES: undefined };

/** The little that tools need from the outside: no user configuration, no colours, no network. */
export function systemTestEnvironment(): Record<string, string | undefined> {
  return {
    PATH: `${path.dirname(process.execPath)}${path.delimiter}${process.env.PATH ?? ''}`,
    HOME: path.join(REPOSITORY, 'node_modules', '.cache', 'spark-gates-test-home'),
    // Nothing is kept between runs unless a test says where: it would be found by the next one.
    XDG_CACHE_HOME: '',
    TMPDIR: process.env.TMPDIR,
    LANG: 'C.UTF-8',
    NO_COLOR: '1',
    npm_config_offline: 'true',
    // Tests run beside each other, and some need several lanes at once: none of them takes from the machine what another waits for.
    SPARK_GATES_CORES: '8',
  };
}
