import { createRequire } from 'node:module';
import { z } from 'zod';

/** As published. */
export function ownVersion(): string {
  return z.object({ version: z.string() }).parse(createRequire(import.meta.url)('spark-gates/package.json')).version;
}
