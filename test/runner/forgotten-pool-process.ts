import { makeLanePool } from '../../src/runner/index.ts';
import { describeMachine } from '../../src/system/machine.ts';
import { timedRun } from '../rig/compare-warm.ts';

// Runs the gates in a kept pool and leaves it there: the process must end all the same.
const pool = makeLanePool({ machine: describeMachine(), threads: 2, kept: true });
const { original } = await timedRun(process.argv[2] ?? '', pool, ['lint_enforcement']);
process.stdout.write(`${original.teams.workspace?.gates.lint_enforcement?.status ?? 'nothing'}\n`);
