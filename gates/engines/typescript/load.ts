import { createRequire } from 'node:module';
import path from 'node:path';
import type TypeScript from 'typescript';

/** The compiler API of TypeScript 4 to 6. */
export type TypeScriptModule = typeof TypeScript;

/** Loads the compiler from an installed package's folder; TypeScript 7 and later has no such API. */
export function loadTypeScript(folder: string): TypeScriptModule {
  // The package says what it exports; that it is TypeScript was read from its package.json.
  return createRequire(path.join(folder, 'package.json'))(folder) as TypeScriptModule;
}

export function isNative(version: string): boolean {
  return majorOf(version) >= 7;
}

export function majorOf(version: string): number {
  return Number.parseInt(version, 10);
}
