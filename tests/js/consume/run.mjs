// Runs the script that docs/consume.md shows, as it stands there.
//   node tests/js/consume/run.mjs BOOTSTRAP REGISTRY
import { readFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const page = readFileSync(fileURLToPath(new URL('../../../docs/consume.md', import.meta.url)), 'utf8');
const script = /^```js\n(.*?)^```$/ms.exec(page)?.[1];
if (!script) throw new Error('docs/consume.md shows no script: a block that opens with ```js');

// from the folder whose node_modules hold the two packages
const child = spawn(process.execPath, ['--input-type=module', '-', ...process.argv.slice(2)], {
  cwd: fileURLToPath(new URL('..', import.meta.url)),
  stdio: ['pipe', 'inherit', 'inherit'],
});
child.stdin.end(script);
child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
