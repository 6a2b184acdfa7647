import { createJsonReporter } from './json.ts';
import { createNdjsonReporter } from './ndjson.ts';
import { createPrettyReporter } from './pretty.ts';
import type { CreateReporter } from './reporter.ts';

/** Every format by the name that `--reporter` takes. */
export const REPORTERS = {
  pretty: createPrettyReporter,
  json: createJsonReporter,
  ndjson: createNdjsonReporter,
} as const satisfies Readonly<Record<string, CreateReporter>>;

export type ReporterName = keyof typeof REPORTERS;
