import type TypeScript from 'typescript';
import type { TypeScriptModule } from './load.ts';

/** Reads a tsconfig with everything it extends. Faults are among `errors` of the result. */
export function parseProject(ts: TypeScriptModule, config: string, root: string): TypeScript.ParsedCommandLine {
  const unrecoverable: TypeScript.Diagnostic[] = [];
  const parsed = ts.getParsedCommandLineOfConfigFile(config, { noEmit: true }, {
    ...ts.sys,
    getCurrentDirectory: () => root,
    onUnRecoverableConfigFileDiagnostic: (diagnostic) => unrecoverable.push(diagnostic),
  });
  if (parsed === undefined) return { options: {}, fileNames: [], errors: unrecoverable };
  parsed.errors.push(...unrecoverable);
  return parsed;
}
