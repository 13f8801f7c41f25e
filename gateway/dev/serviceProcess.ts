import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

const ROOT = join(__dirname, '..', '..');
const READY_TIMEOUT_MS = 60_000;
const KILL_AFTER_MS = 16_000;

/** One service of the platform, as a process of its own. */
export interface ServiceProcess {
  name: string;
  /** Resolves with why it ended: a signal or an exit code. */
  ended: Promise<string>;
  /** SIGKILL: what a crash looks like from outside. */
  kill(): Promise<string>;
  /** Says something over the channel between it and this process. */
  tell(message: object): void;
  /** Receives what it says there. */
  onMessage(listener: (message: unknown) => void): void;
  /** Asks it to stop, and resolves when it has ended. */
  stop(): Promise<void>;
}

export interface ServiceOptions {
  name: string;
  /** Path of its main file from the root. */
  main: string;
  port: number;
  env: Record<string, string>;
  /** Receives each line that it logs. Without it they are kept, and said when the service does not start. */
  onLine?(line: string): void;
}

/** Starts a service. Resolves when it answers. @throws Error with what it said when it ends before. */
export async function startService({ name, main, port, env, onLine }: ServiceOptions): Promise<ServiceProcess> {
  // The channel tells the service when this process is gone, however it went.
  const child = spawn(process.execPath, ['--require', './gateway/dev/ts', main], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const ended = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    if (stream) createInterface({ input: stream }).on('line', onLine ?? ((line) => said.push(line)));
  }

  const fault = await untilReady(port, ended);
  if (fault !== null) {
    child.kill('SIGKILL');
    throw new Error(
      `The ${name} service did not start (${fault})${onLine ? '; its own words are above.' : `:\n${said.join('\n')}`}`,
    );
  }

  return {
    name,
    ended,
    kill: () => {
      child.kill('SIGKILL');
      return ended;
    },
    // Nobody is told when it is gone already.
    tell: (message) => void (child.connected && child.send(message)),
    onMessage: (listener) => void child.on('message', listener),
    stop: async () => {
      child.kill('SIGTERM');
      const force = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS);
      await ended;
      clearTimeout(force);
    },
  };
}

/** Resolves with null when the service at `port` answers, and with why not when the time is over or it has ended. */
async function untilReady(port: number, ended: Promise<string>): Promise<string | null> {
  let exit: string | null = null;
  void ended.then((reason) => {
    exit = reason;
  });
  const deadline = Date.now() + READY_TIMEOUT_MS;
  while (Date.now() < deadline && exit === null) {
    if (await isHealthy(port)) return null;
    await sleep(50);
  }
  return exit ?? `no answer on port ${port} in ${READY_TIMEOUT_MS / 1000} s`;
}

/** Nothing listens yet, or what listens is not ready: both only mean "not now". */
function isHealthy(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/healthz`).then(
    (response) => response.ok,
    () => false,
  );
}
