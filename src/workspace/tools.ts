import { realpathSync } from 'node:fs';
import path from 'node:path';
import { TOOL_NAMES, type Tool, type ToolName } from '../model/workspace.ts';
import { readPackageJson } from './package-json.ts';

/** The tools that a folder of the project would find. Results are kept: ask one locator for all folders. */
export interface ToolLocator {
  /** `folder` is workspace-relative; '' is the root. */
  find(name: ToolName, folder: string): Tool | null;
  findAll(folder: string): Readonly<Partial<Record<ToolName, Tool>>>;
}

/**
 * Looks where Node looks: node_modules of the folder and of every folder above it, links followed. Reads the package.json
 * itself, since `exports` need not let it through.
 */
export function createToolLocator(root: string): ToolLocator {
  const known = new Map<string, Tool | null>();
  const lookIn = (folder: string, name: ToolName): Tool | null => {
    const target = path.join(folder, 'node_modules', name);
    let tool = known.get(target);
    if (tool === undefined) known.set(target, (tool = readTool(target, name)));
    return tool;
  };
  const find = (name: ToolName, folder: string): Tool | null => {
    for (let current = path.join(root, folder); ; current = path.dirname(current)) {
      const tool = lookIn(current, name);
      if (tool !== null) return tool;
      if (path.dirname(current) === current) return null;
    }
  };
  return {
    find,
    findAll: (folder) => Object.fromEntries(TOOL_NAMES.flatMap((name) => {
      const tool = find(name, folder);
      return tool === null ? [] : [[name, tool]];
    })),
  };
}

function readTool(folder: string, name: ToolName): Tool | null {
  const result = readPackageJson(folder);
  // A half-installed package cannot be run: as good as missing, and the remedy is the same.
  if (result.kind !== 'found' || typeof result.json.raw.version !== 'string') return null;
  return { name, version: result.json.raw.version, folder: realpathSync(folder) };
}
