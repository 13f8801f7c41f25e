import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { processorTimeOf } from '../../prisma/postgres/processes';
import { bundleOf } from './bundle';
import { localFetch } from './localFetch';

const ROOT = join(__dirname, '..', '..');
const POLL_MS = 50;
/** A service that uses no processor for so long while it starts waits for something that does not come. */
const STANDSTILL_MS = 60_000;
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

/** A service that was begun, and may still be loading. */
export interface StartingService extends ServiceProcess {
  /** Resolves when it answers. Rejects with what it said when it ends before, or makes no progress; then it is killed. */
  ready: Promise<void>;
}

/** Starts a service. Resolves when it answers, however long it takes. @throws Error as `ready` of `beginService`. */
export async function startService(options: ServiceOptions): Promise<ServiceProcess> {
  const service = beginService(options);
  await service.ready;
  return service;
}

export function beginService({ name, main, port, env, onLine }: ServiceOptions): StartingService {
  // The channel tells the service when this process is gone, however it went.
  const child = spawn(process.execPath, argumentsFor(main, { ...process.env, ...env }), {
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

  const untilItAnswers = async () => {
    const fault = await untilReady(child.pid ?? 0, port, ended);
    if (fault === null) return;
    child.kill('SIGKILL');
    throw new Error(
      `The ${name} service did not start (${fault})${onLine ? '; its own words are above.' : `:\n${said.join('\n')}`}`,
    );
  };

  return {
    name,
    ready: untilItAnswers(),
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

/** Runs a service from its bundle where there is one (bundle.ts), which takes a third of the time, else from its sources. */
function argumentsFor(main: string, env: NodeJS.ProcessEnv): string[] {
  const { SERVICE_BUNDLES, NODE_OPTIONS = '', GATEWAY_EXECUTION } = env;
  const bundle = bundleOf(main);
  // A module that is loaded first changes packages in node_modules, of which a bundle has its own; and @apollo/gateway uses them.
  const needsModules = /(^| )(-r|--require|--import)\b/.test(NODE_OPTIONS) || GATEWAY_EXECUTION === 'apollo';
  if (!SERVICE_BUNDLES || !bundle || needsModules) return ['--require', './gateway/dev/ts', main];
  return ['./gateway/dev/runBundle.js', SERVICE_BUNDLES, bundle];
}

/** Resolves with null when the service at `port` answers, and with why not when it has ended or stands still. */
async function untilReady(pid: number, port: number, ended: Promise<string>): Promise<string | null> {
  let exit: string | null = null;
  void ended.then((reason) => {
    exit = reason;
  });
  let used: string | null = null;
  let deadline = 0;
  while (exit === null) {
    if (await isHealthy(port)) return null;
    if (performance.now() > deadline) {
      const now = await processorTimeOf(pid);
      if (now === used) return `no answer on port ${port}, and no progress in ${STANDSTILL_MS / 1000} s`;
      used = now;
      deadline = performance.now() + STANDSTILL_MS;
    }
    await sleep(POLL_MS);
  }
  return exit;
}

/** Nothing listens yet, or what listens is not ready: both only mean "not now". */
function isHealthy(port: number): Promise<boolean> {
  return localFetch(`http://127.0.0.1:${port}/healthz`).then(
    async (response) => {
      await response.body?.cancel();
      return response.ok;
    },
    () => false,
  );
}
