import type { CreateReporter } from './reporter.ts';

/** One format by its name, without loading the others; null when there is none of that name. */
export async function loadReporter(name: string): Promise<CreateReporter | null> {
  switch (name) {
    case 'pretty':
      return (await import('./pretty.ts')).createPrettyReporter;
    case 'json':
      return (await import('./json.ts')).createJsonReporter;
    case 'ndjson':
      return (await import('./ndjson.ts')).createNdjsonReporter;
    default:
      return null;
  }
}
