import { readFile } from 'node:fs/promises';
import { isMissing } from '../../../src/system/read-text.ts';
import { BenchTrouble } from '../bench-trouble.ts';
import type { ToolResult } from './tool-step.ts';

const LINES_SHOWN = 5;

/** A tool that ended otherwise than with a verdict. */
export function crashed(tool: string, { exitCode, stdout, stderr }: Pick<ToolResult, 'exitCode' | 'stdout' | 'stderr'>): BenchTrouble {
  const said = (stderr.trim() === '' ? stdout : stderr).trim().split('\n').slice(-LINES_SHOWN).join('; ');
  return new BenchTrouble(`${tool} ended with ${exitCode === null ? 'a signal' : `exit code ${exitCode}`}: ${said === '' ? 'it said nothing' : said}`);
}

/** What a tool wrote to its report; throws when it wrote none or none that can be read. */
export async function readReport(tool: string, result: ToolResult): Promise<unknown> {
  try {
    return JSON.parse(await readFile(result.report, 'utf8'));
  } catch (error) {
    if (isMissing(error) || error instanceof SyntaxError) throw crashed(tool, result);
    throw error;
  }
}
