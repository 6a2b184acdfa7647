import { readFileSync } from 'node:fs';
import { AGENT_ROLES, agentName, PLUGIN_NAME } from '../src/model/agent-name.ts';
import { PHASES } from '../src/model/phase.ts';
import { LAUNCHER, type Form } from './wiring.ts';

export interface RenderedFile {
  /** Relative, with slashes. */
  readonly file: string;
  readonly content: string;
}

/** How agents run a command of spark-gates. `npx` is never to fetch a package that is not there. */
const RUN = { launcher: `node ${LAUNCHER}`, npx: 'npx --no spark-gates' } as const;

/** One agent for each role of each team: `team1_implementer.md` and so on, teams first. */
export function renderAgents(teams: number, run: keyof typeof RUN): RenderedFile[] {
  return Array.from({ length: teams }, (_, index) => String(index + 1)).flatMap((number) => {
    const team = `team${number}`;
    return PHASES.map((phase): RenderedFile => ({
      file: `${agentName(team, phase)}.md`,
      content: fill(`${template(AGENT_ROLES[phase])}${template('protocol')}`, { team, number, phase, run: RUN[run] }),
    }));
  });
}

/** The client puts the project's folder in its place: that of the session may be another by the time of the command. */
const PROJECT = '${CLAUDE_PROJECT_DIR}';

/** The command `/multi_implement`, or `/spark-gates:multi_implement` as a plugin's, whose agents are called with its name before theirs. */
export function renderCommand(form: Form): RenderedFile {
  const values = form === 'project'
    ? { run: `node "${PROJECT}/${LAUNCHER}"`, say: `node "${PROJECT}/${LAUNCHER}" --say`, prefix: '' }
    : { run: RUN.npx, say: 'node "${CLAUDE_PLUGIN_ROOT}/launch" --say', prefix: ` --agent-prefix ${PLUGIN_NAME}:` };
  return { file: 'multi_implement.md', content: fill(template('multi_implement'), values) };
}

/** What starts spark-gates for a hook or an agent, wherever the project has it. */
export function renderLauncher(): string {
  return read('launch');
}

export function renderPluginReadme(): string {
  return template('plugin-readme');
}

function template(name: string): string {
  return read(`templates/${name}.md`);
}

function read(name: string): string {
  return readFileSync(new URL(name, import.meta.url), 'utf8');
}

/** A name in a template that nobody fills in is a fault of the template. */
function fill(text: string, values: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`a template names {{${name}}}, which is nothing`);
    return value;
  });
}
