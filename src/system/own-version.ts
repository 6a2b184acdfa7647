import { createRequire } from 'node:module';
import { z } from 'zod';

/** The version of this installation of spark-gates. */
export function ownVersion(): string {
  return z.object({ version: z.string() }).parse(createRequire(import.meta.url)('spark-gates/package.json')).version;
}
