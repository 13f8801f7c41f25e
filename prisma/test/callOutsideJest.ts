import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Calls an export of one of this folder's modules in a process of its own: Jest can't load the schema engine's ES module.
 * @returns what it resolves to, by way of JSON.
 * @throws Error with the message of what it throws.
 */
export async function callOutsideJest(module: string, name: string, ...args: unknown[]): Promise<unknown> {
  const call = `require(${JSON.stringify(join(__dirname, '..', module))})[${JSON.stringify(name)}](...${JSON.stringify(args)})`;
  const report = `${call}.then((result) => ({ result }), (error) => ({ error: error.message }))
    .then((outcome) => console.log(JSON.stringify(outcome)))`;
  const { stdout } = await run(process.execPath, ['--require', './gateway/dev/ts', '-e', report]);
  const { result, error } = JSON.parse(stdout);
  if (error !== undefined) throw new Error(error);
  return result;
}
