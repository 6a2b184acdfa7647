/** The first words by which `cli.js` is something else than a command line. Nobody types them. */
export const DAEMON_WORD = '--spark-gates-daemon';
export const HOST_WORD = '--spark-gates-host';
export const GIT_WORD = '--spark-gates-git';
