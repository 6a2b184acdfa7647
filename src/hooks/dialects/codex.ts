import { claude } from './claude.ts';
import type { Dialect } from './dialect.ts';

/** Codex CLI takes Claude Code's events and answers and adds fields of its own (`turn_id`, `model`). From its documentation; not tried on the client. */
export const codex: Dialect = claude;
