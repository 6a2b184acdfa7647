/** What a shell says about itself and its window. It differs from call to call, and no tool decides anything by it. */
const SESSION = new Set(['_', 'OLDPWD', 'SHLVL', 'WINDOWID', 'TERM_SESSION_ID', 'SSH_CLIENT', 'SSH_CONNECTION', 'SSH_TTY', 'XDG_SESSION_ID', 'DBUS_SESSION_BUS_ADDRESS']);

/** The environment without that, in the order of names. */
export function sessionless(environment: Readonly<Record<string, string | undefined>>): Record<string, string | undefined> {
  const names = Object.keys(environment).filter((name) => !SESSION.has(name) && environment[name] !== undefined).sort();
  return Object.fromEntries(names.map((name) => [name, environment[name]]));
}
