import { readFileSync } from 'node:fs';
import path from 'node:path';
import { REPOSITORY } from '../rig/project.ts';

export interface Fence {
  readonly language: string;
  readonly text: string;
}

export const DOCUMENTS = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'docs/agent-clients.md', 'docs/other-agents.md', 'docs/report.md', 'docs/sessions.md', 'docs/speed.md'] as const;

export function readDocument(name: (typeof DOCUMENTS)[number]): string {
  return readFileSync(path.join(REPOSITORY, name), 'utf8');
}

/** The code fences of a document, in order. */
export function fencesOf(name: (typeof DOCUMENTS)[number]): Fence[] {
  return [...readDocument(name).matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(([, language = '', text = '']) => ({ language, text }));
}
