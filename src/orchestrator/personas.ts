/** The specification's personas. Every list of them follows this order. */
export const PERSONAS = ['backend', 'frontend', 'security', 'architecture', 'devops', 'data', 'testing', 'documentation'] as const;

export type Persona = (typeof PERSONAS)[number];

interface Signs {
  /** Each of these words is enough. */
  readonly strong: readonly string[];
  /** Two of these are. */
  readonly weak: readonly string[];
  /** A file of this kind counts as a weak word, once. */
  readonly files?: RegExp;
  readonly servers: readonly McpServer[];
}

/** In the order in which a context names them. */
const MCP_SERVERS = ['context7', 'sequential', 'magic', 'playwright'] as const;

export type McpServer = (typeof MCP_SERVERS)[number];

const SIGNS: Readonly<Record<Persona, Signs>> = {
  backend: {
    strong: ['api', 'backend', 'controller', 'endpoint', 'graphql', 'microservice', 'middleware', 'server', 'webhook'],
    weak: ['handler', 'http', 'queue', 'request', 'response', 'route', 'router', 'service', 'worker'],
    servers: ['sequential'],
  },
  frontend: {
    strong: ['component', 'css', 'dom', 'frontend', 'html', 'react', 'svelte', 'ui', 'ux', 'vue'],
    weak: ['accessibility', 'browser', 'button', 'dialog', 'form', 'layout', 'menu', 'page', 'screen', 'style', 'theme'],
    files: /\.(?:tsx|jsx|css|scss|less|vue|svelte|html)$/,
    servers: ['magic'],
  },
  security: {
    strong: ['auth', 'authentication', 'authorisation', 'authorization', 'csrf', 'encryption', 'jwt', 'oauth', 'security', 'vulnerability', 'xss'],
    weak: ['access', 'credential', 'hash', 'login', 'password', 'permission', 'role', 'sanitize', 'secret', 'session', 'signature', 'token'],
    servers: ['context7'],
  },
  architecture: {
    strong: ['architecture', 'decouple', 'modularise', 'modularize', 'refactor', 'restructure'],
    weak: ['abstraction', 'boundary', 'dependency', 'design', 'interface', 'layer', 'module', 'pattern', 'plugin'],
    servers: ['sequential'],
  },
  devops: {
    strong: ['ci', 'deploy', 'deployment', 'devops', 'docker', 'kubernetes', 'terraform'],
    weak: ['build', 'container', 'infrastructure', 'monitoring', 'pipeline', 'release', 'workflow'],
    files: /(?:^|\/)(?:Dockerfile|\.github\/workflows\/.+|.+\.tf)$/,
    servers: ['sequential'],
  },
  data: {
    strong: ['database', 'dataset', 'etl', 'migration', 'postgres', 'sql', 'sqlite'],
    weak: ['aggregate', 'column', 'data', 'index', 'query', 'record', 'schema', 'table', 'transaction'],
    files: /\.(?:sql|prisma)$/,
    servers: ['context7'],
  },
  testing: {
    strong: ['coverage', 'e2e', 'flaky', 'jest', 'playwright', 'testing', 'vitest'],
    weak: ['assertion', 'benchmark', 'fixture', 'regression', 'scenario', 'suite', 'test'],
    servers: ['playwright'],
  },
  documentation: {
    strong: ['docs', 'documentation', 'readme', 'tutorial'],
    weak: ['changelog', 'comment', 'describe', 'document', 'example', 'explain', 'guide'],
    files: /\.mdx?$/,
    servers: ['context7'],
  },
};

const WEIGHT = { strong: 2, weak: 1 };

/** A persona with at least this score is active: one strong word, or two weak ones. */
export const PERSONA_THRESHOLD = 2;

export interface TaskText {
  readonly description: string;
  readonly files: readonly string[];
}

/** Each word counts once, whole or with a plural's s; "build" has no "ui" in it. */
export function personaScore(persona: Persona, task: TaskText): number {
  const { strong, weak, files } = SIGNS[persona];
  const words = wordsOf(task.description);
  const count = (list: readonly string[]): number => list.filter((word) => words.has(word)).length;
  const byFile = files !== undefined && task.files.some((file) => files.test(file)) ? WEIGHT.weak : 0;
  return count(strong) * WEIGHT.strong + count(weak) * WEIGHT.weak + byFile;
}

export function activePersonas(task: TaskText): Persona[] {
  return PERSONAS.filter((persona) => personaScore(persona, task) >= PERSONA_THRESHOLD);
}

export function selectMcpServers(personas: readonly Persona[]): McpServer[] {
  return MCP_SERVERS.filter((server) => personas.some((persona) => SIGNS[persona].servers.includes(server)));
}

/** Lower case; a word that ends in s also without it. */
export function wordsOf(text: string): ReadonlySet<string> {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return new Set(words.flatMap((word) => (word.endsWith('s') ? [word, word.slice(0, -1)] : [word])));
}
