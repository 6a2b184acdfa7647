/** The word after which `cli.js` is a host. Apart from the host's code, which the thin client does not load. */
export const HOST_WORD = '--spark-gates-host';
