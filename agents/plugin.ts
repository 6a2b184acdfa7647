import { PLUGIN_NAME } from '../src/model/agent-name.ts';
import { LIMITS } from '../src/model/limits.ts';
import { renderAgents, renderCommand, renderLauncher, renderPluginReadme, type RenderedFile } from './render.ts';
import { hookGroups } from './wiring.ts';

export interface PluginFacts {
  readonly version: string;
  readonly description: string;
  readonly license: string;
}

const AUTHOR = { name: 'the spark-gates authors' };

/** Every file of the plugin, relative to its folder. The build puts them into the package. */
export function renderPlugin({ version, description, license }: PluginFacts): RenderedFile[] {
  const hooks = Object.fromEntries(hookGroups('plugin').map(([event, group]) => [event, [group]]));
  const command = renderCommand('plugin');
  return [
    { file: '.claude-plugin/plugin.json', content: json({ name: PLUGIN_NAME, version, description, author: AUTHOR, license }) },
    { file: 'README.md', content: renderPluginReadme() },
    { file: 'launch', content: renderLauncher() },
    { file: 'hooks/hooks.json', content: json({ hooks }) },
    { file: `commands/${command.file}`, content: command.content },
    ...renderAgents(LIMITS.parallelTeamsDefault, 'npx').map(({ file, content }) => ({ file: `agents/${file}`, content })),
  ];
}

/** A marketplace with this one plugin, for the package's own folder; `source` is relative to that. */
export function renderMarketplace({ description }: PluginFacts, source: string): RenderedFile {
  return {
    file: '.claude-plugin/marketplace.json',
    content: json({ name: PLUGIN_NAME, description, owner: AUTHOR, plugins: [{ name: PLUGIN_NAME, source, description }] }),
  };
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
