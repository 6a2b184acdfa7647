import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { LAUNCHER } from '../../agents/wiring.ts';
import { REPOSITORY } from '../rig/project.ts';

const TEXT = readFileSync(path.join(REPOSITORY, 'docs', 'other-agents.md'), 'utf8');

test.each(['codex', 'cursor', 'copilot', 'gemini'])('every hook in the example of %s starts the launcher, as that agent, within what the client waits', (agent) => {
  const fence = [...TEXT.matchAll(/^```json\n(.*?)^```$/gms)].map(([, text = '']) => text).find((text) => text.includes(`--agent ${agent}`));
  const { hooks } = JSON.parse(fence ?? '') as { hooks: Record<string, Record<string, unknown>[]> };
  expect(Object.keys(hooks).length).toBeGreaterThan(3);
  for (const [event, entries] of Object.entries(hooks)) {
    const [hook] = entries.flatMap((entry) => (Array.isArray(entry.hooks) ? (entry.hooks as Record<string, unknown>[]) : [entry]));
    expect(hook?.command ?? hook?.bash).toBe(`node ${LAUNCHER} hook --agent ${agent}${agent === 'copilot' ? ` --event ${event}` : ''}`);
    const seconds = Number(hook?.timeout ?? hook?.timeoutSec) / (agent === 'gemini' ? 1000 : 1);
    expect(seconds).toBeGreaterThanOrEqual(30);
    expect(seconds).toBeLessThan(600);
  }
});
