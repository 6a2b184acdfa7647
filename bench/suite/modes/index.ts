import { apart } from './apart.ts';
import { cached } from './cached.ts';
import type { Mode } from './mode.ts';
import { naive } from './naive.ts';
import { shared } from './shared.ts';
import { tuned } from './tuned.ts';
import { warm } from './warm.ts';

/** Every mode, in the order of the tables. */
export const MODES: readonly Mode[] = [naive, tuned, apart, shared, warm, cached];
