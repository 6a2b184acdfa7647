import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as Runner from '../../src/runner/index.ts';
import { describeMachine } from '../../src/system/machine.ts';
import { timedRun } from '../rig/compare-warm.ts';

// Runs the gates in a kept pool and leaves it there: the process must end all the same.
const [project = '', repository = ''] = process.argv.slice(2);
// Of the built product, beside which its threads' program lies.
const { makeLanePool } = (await import(pathToFileURL(path.join(repository, 'dist', 'src', 'runner', 'index.js')).href)) as typeof Runner;
const pool = makeLanePool({ machine: describeMachine(), threads: 2, kept: true });
const { original } = await timedRun(project, pool, ['lint_enforcement']);
process.stdout.write(`${original.teams.workspace?.gates.lint_enforcement?.status ?? 'nothing'}\n`);
