import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { makeProject, REPOSITORY, type Project } from './project.ts';

/** The teams of the shop, one folder each. */
export const SHOP_TEAMS = ['billing', 'catalog', 'checkout', 'search'] as const;

const TOOLS = ['typescript', 'eslint', 'typescript-eslint', 'vitest', '@vitest/coverage-v8'] as const;

/** A small healthy shop by four teams with types, typed lint, tests, documentation and an integration suite: all gates pass. */
export async function makeShop(): Promise<Project> {
  const versions = Object.fromEntries(await Promise.all(TOOLS.map(async (tool) => [tool, await versionOf(tool)] as const)));
  const files: Record<string, string> = {
    'package.json': json({ name: 'shop', private: true, type: 'module', scripts: { test: 'vitest run', 'test:integration': 'vitest run --config vitest.integration.config.ts' }, devDependencies: versions }),
    'package-lock.json': lockfile(versions),
    'README.md': `# Shop\n\n${SHOP_TEAMS.map((team) => `- [${team}](${team}/README.md#${team})`).join('\n')}\n`,
    'tsconfig.json': json({ compilerOptions: { target: 'es2022', module: 'nodenext', strict: true, noEmit: true, skipLibCheck: true, types: [], allowImportingTsExtensions: true }, include: SHOP_TEAMS }),
    'eslint.config.js': `import tseslint from 'typescript-eslint';

export default tseslint.config({
  files: ['**/*.ts'],
  extends: [tseslint.configs.base],
  languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
  rules: { 'no-var': 'error', '@typescript-eslint/no-floating-promises': 'error' },
}, { ignores: ['*.ts'] });
`,
    'vitest.config.ts': "export default { test: { include: ['*/src/**/*.test.ts'] } };\n",
    'vitest.integration.config.ts': "export default { test: { include: ['*/integration/**/*.test.ts'] } };\n",
    'spark-gates.config.json': json({ teams: Object.fromEntries(SHOP_TEAMS.map((team) => [team, team])), gates: { security_analysis: { audit: 'off' } } }),
  };
  for (const team of SHOP_TEAMS) Object.assign(files, teamFiles(team));
  return makeProject(files, { git: true, packages: Object.fromEntries(TOOLS.map((tool) => [tool, tool])) });
}

function teamFiles(team: string): Record<string, string> {
  return {
    [`${team}/README.md`]: `# ${team}\n\nSee [the source](src/total.ts).\n\n\`\`\`ts\nimport { total } from './src/total.ts';\n\`\`\`\n`,
    [`${team}/src/total.ts`]: `/** The sum of all prices of ${team}. */\nexport function total(prices: readonly number[]): number {\n  return prices.reduce((sum, price) => sum + price, 0);\n}\n`,
    [`${team}/src/total.test.ts`]: testOf('../src/total.ts', team),
    [`${team}/integration/total.test.ts`]: testOf('../src/total.ts', `${team} together`),
    [`${team}/settings.json`]: json({ team }),
  };
}

function testOf(source: string, name: string): string {
  return `import { expect, test } from 'vitest';\nimport { total } from '${source}';\n\ntest('${name} adds up', () => {\n  expect(total([1, 2])).toBe(3);\n});\n`;
}

function lockfile(versions: Readonly<Record<string, string>>): string {
  const installed = Object.entries(versions).map(([name, version]) => [`node_modules/${name}`, { version, dev: true, integrity: 'sha512-AAAA' }]);
  return json({ name: 'shop', lockfileVersion: 3, requires: true, packages: { '': { name: 'shop', devDependencies: versions }, ...Object.fromEntries(installed) as object } });
}

async function versionOf(tool: string): Promise<string> {
  const text = await readFile(path.join(REPOSITORY, 'node_modules', tool, 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
