import type { Corpus } from './corpus.ts';
import { queryCore, reduxToolkit, rxjs } from './small.ts';
import { zod, zodTs7 } from './zod.ts';

/** Every corpus, the one that the table of the specification is measured on first. */
export const CORPORA: readonly Corpus[] = [zod, zodTs7, rxjs, reduxToolkit, queryCore];
