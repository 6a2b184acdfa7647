import { fileURLToPath } from 'node:url';

/** Absolute folder of our compiled code. Run from its sources, as by the tests, the suite measures the build all the same. */
export const BUILT = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? '../../dist/' : '../../', import.meta.url));
