// Everything that must hold before a change goes in; `--without-tests` leaves those to `npm test`. Prints the output of what fails, and one line for each that passes.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const unknown = process.argv.slice(2).find((word) => word !== '--without-tests');
if (unknown !== undefined) {
  console.error(`check: there is no "${unknown}"; leave it out, or write --without-tests`);
  process.exit(2);
}

const root = fileURLToPath(new URL('..', import.meta.url));
/** Steps of one group are independent of each other; a group starts when the one before has ended. */
const groups = [['types', 'lint', 'unused', 'imports', 'build'], ['gates'], process.argv.includes('--without-tests') ? [] : ['tests']];
const scripts = { gates: ['exec', '--', 'node', 'dist/src/cli.js', 'run', '--gate', 'syntax,security,perf,docs'], tests: ['exec', '--', 'vitest', 'run', '--config', '.config/vitest.config.ts'] };
/** More at once than this only makes a small machine swap. */
const AT_ONCE = 2;

let failed = 0;
for (const group of groups) {
  const waiting = [...group];
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) failed += await runStep(step);
  }));
}
console.log(failed === 0 ? 'check: all passed' : `check: ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

function runStep(step) {
  const startedMs = performance.now();
  const child = spawn('npm', scripts[step] ?? ['run', '--silent', step], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  const chunks = [];
  child.stdout.on('data', (chunk) => chunks.push(chunk));
  child.stderr.on('data', (chunk) => chunks.push(chunk));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      const took = `${((performance.now() - startedMs) / 1000).toFixed(1)} s`;
      if (code !== 0) process.stdout.write(Buffer.concat(chunks));
      console.log(`${code === 0 ? 'passed' : 'FAILED'}  ${step} (${took})`);
      resolve(code === 0 ? 0 : 1);
    });
  });
}
