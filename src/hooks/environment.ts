/**
 * What the environment of an agent's client holds and no gate needs: whoever runs a project's tools at an agent's word must not hand them the keys
 * of its owner. Loaded by the thin client: nothing is imported.
 */
const SECRETS = [
  /(?:^|_)(?:TOKEN|SECRET|SECRETS|KEY|APIKEY|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL|CREDENTIALS|PAT|AUTH|COOKIE|DSN|CONNECTION_STRING|CONN_STR)$/i,
  /(?:^|_)(?:API|ACCESS|SECRET|PRIVATE|SIGNING|ENCRYPTION|SESSION)_?(?:KEY|TOKEN|SECRET)(?:_|$)/i,
  /^AWS_/i, /^AZURE_/i, /^ARM_/i, /^GOOGLE_(?:APPLICATION_)?CREDENTIALS/i, /^ANTHROPIC_/i, /^OPENAI_/i, /^GEMINI_/i, /^CLAUDE_CODE_MESSAGING_/i,
  /^(?:npm_config_)?.*_?auth(?:token)?$/i, /^NPM_TOKEN$/i, /^SSH_AUTH_SOCK$/i, /^DOCKER_AUTH_CONFIG$/i, /^PG(?:PASSWORD|PASSFILE)$/i, /^MYSQL_PWD$/i,
  // Where a database is; by habit with its password.
  /(?:^|_)(?:DATABASE|DB|POSTGRES|POSTGRESQL|MYSQL|MARIADB|MONGO|MONGODB|REDIS|AMQP|RABBITMQ)_UR[IL]$/i,
];

/** `scheme://user:password@host`, whatever the variable is called. */
const PASSWORD_IN_URL = /:\/\/[^\s/?#@:]*:[^\s/?#]+@/;

/** Names, or `PREFIX*`, with commas between, of what gates need, secrets though they look. */
const KEEP = 'SPARK_GATES_KEEP_ENV';

/** The environment without secrets, but for those that it says are to be kept. */
export function withoutSecrets(environment: Readonly<Record<string, string>>): Record<string, string> {
  const keep = (environment[KEEP] ?? '').split(',').map((name) => name.trim()).filter((name) => name !== '');
  const isKept = (name: string): boolean => keep.some((one) => (one.endsWith('*') ? name.startsWith(one.slice(0, -1)) : name === one));
  return Object.fromEntries(Object.entries(environment).filter(([name, value]) => isKept(name) || !(PASSWORD_IN_URL.test(value) || SECRETS.some((secret) => secret.test(name)))));
}
