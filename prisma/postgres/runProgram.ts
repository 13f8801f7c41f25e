import { spawn } from 'node:child_process';
import type { OsUser } from './osUser';

/** Of PostgreSQL's programs: without the caller's PG… variables, with messages in English and times in UTC. */
export const PROGRAM_ENV = { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' } as const;

/** Runs one of PostgreSQL's programs. Resolves to its exit code and its output, stdout and stderr together. */
export function runProgram(
  program: string,
  args: string[],
  user: OsUser,
  input = '',
): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...user, cwd: '/', env: PROGRAM_ENV });
    const interrupt = () => child.kill();
    process.once('exit', interrupt);
    child.once('exit', () => process.off('exit', interrupt));
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    child.stderr.on('data', (chunk) => {
      output += chunk;
    });
    // A program that does not read its input may have exited before: its exit code says how it went.
    child.stdin.on('error', (error: NodeJS.ErrnoException) => void (error.code !== 'EPIPE' && reject(error)));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output }));
    child.stdin.end(input);
  });
}

/** The first error message in a program's output, without its prefix. */
export function complaintIn(output: string): string {
  const fatal = /^.*?(?:FATAL|PANIC|ERROR|error): +(.*)$/m.exec(output)?.[1];
  return (fatal ?? output.trim().split('\n')[0] ?? '').replace(/^postgres: /, '').replace(/\.$/, '');
}
