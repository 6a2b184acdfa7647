import path from 'node:path';
import { z } from 'zod';
import type { Check } from '../../../src/model/check.ts';
import { findingText } from '../outcome.ts';
import type { ToolStep } from './tool-step.ts';
import { crashed } from './tool-trouble.ts';

const paramsSchema = z.object({ config: z.string(), typescript: z.object({ folder: z.string(), version: z.string() }) });

/** `tsc --noEmit`, as our type gate would run the same project. A program cannot be restricted to some files: its types need all. */
export function typeScriptSteps(checks: readonly Check[], root: string): ToolStep[] {
  return checks.filter((check) => check.gates[0] === 'type_verification' && check.engine === 'typescript').map((check, index) => {
    const { config, typescript } = paramsSchema.parse(check.parts[0]?.params);
    return {
      id: `types-${index + 1}`,
      kind: 'types',
      title: `tsc -p ${config} --noEmit`,
      isRestrictable: false,
      command: () => ({ file: process.execPath, args: [path.join(typescript.folder, 'bin', 'tsc'), '-p', config, '--noEmit', '--pretty', 'false'], cwd: root }),
      read: (result) => {
        if (result.exitCode !== 0 && result.exitCode !== 1 && result.exitCode !== 2) throw crashed('tsc', result);
        return Promise.resolve({ findings: parseDiagnostics(result.stdout, config, root), looked: [config] });
      },
    };
  });
}

const PLACED = /^(.+)\((\d+),(\d+)\): (error|warning) (TS\d+): (.*)$/;
const UNPLACED = /^(error|warning) (TS\d+): (.*)$/;

/** What `tsc --pretty false` prints; a message's further lines are indented. */
export function parseDiagnostics(stdout: string, config: string, root: string): string[] {
  const found: { file: string; line: number | null; column: number | null; rule: string; message: string }[] = [];
  for (const line of stdout.split('\n')) {
    const placed = PLACED.exec(line);
    const unplaced = placed === null ? UNPLACED.exec(line) : null;
    const last = found.at(-1);
    if (placed !== null) found.push({ file: placed[1] ?? '', line: Number(placed[2]), column: Number(placed[3]), rule: placed[5] ?? '', message: placed[6] ?? '' });
    else if (unplaced !== null) found.push({ file: config, line: null, column: null, rule: unplaced[2] ?? '', message: unplaced[3] ?? '' });
    else if (last !== undefined && line !== '') last.message += `\n${line}`;
  }
  return found.map((one) => findingText('types', { ...one, message: one.message.replaceAll(`${root}/`, '') }));
}
