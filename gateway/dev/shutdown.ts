import { basename } from 'node:path';
import { findProcess, isAlive } from '../../prisma/postgres/processes';
import { endProcess } from '../../subgraphs/shared/endProcess';

interface Server {
  stop(): Promise<unknown>;
}

interface Service extends Server {
  kill(): Promise<unknown>;
}

const PARENT_CHECK_MS = 500;

/** Ends all that `npm start` has started, however it is told to end, and then this process. */
export class Shutdown {
  #database: Promise<Server> | null = null;
  #services: Service[] = [];
  #ending: Promise<void> | null = null;

  constructor(private readonly say: (text: string) => void) {}

  get hasBegun(): boolean {
    return this.#ending !== null;
  }

  /** The database, also while it is still starting: it is stopped last. */
  ofDatabase<Started extends Server>(starting: Promise<Started>): Promise<Started> {
    this.#database = starting;
    return starting;
  }

  ofServices(services: Service[]): void {
    this.#services = services;
  }

  /** Signals, the end of whoever started this, and a terminal that is gone. A second signal kills what still runs. */
  async listen(): Promise<void> {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => (this.hasBegun ? this.#hurry() : void this.end(0)));
    }
    // Nobody reads what is said any more: EPIPE of a pipe, EIO of a terminal.
    for (const stream of [process.stdout, process.stderr]) stream.on('error', () => void this.end(1));
    await onParentGone(() => void this.end(0, endProcess));
  }

  /** @param code this process's exit code. @param exit ends it. */
  async end(code: number, exit: (code: number) => void = (code) => process.exit(code)): Promise<void> {
    this.#ending ??= this.#stopAll();
    await this.#ending.catch((error: Error) => {
      console.error(error.message);
      exit(1);
    });
    exit(code);
  }

  async #stopAll(): Promise<void> {
    if (this.#database) this.say('Stopping');
    await Promise.all(this.#services.map((service) => service.stop()));
    // One that did not start has said why.
    const database = await this.#database?.catch(() => null);
    await database?.stop();
  }

  #hurry(): void {
    for (const service of this.#services) void service.kill();
  }
}

/**
 * npm hands SIGTERM to the shell that it runs a script in, and SIGKILL to nobody: the shell's children live on, with another parent. So
 * the processes between this one and npm are watched. Where npm did not start this, nothing is: `nohup` outlives its shell on purpose.
 */
async function onParentGone(gone: () => void): Promise<void> {
  if (!process.env.npm_lifecycle_event) return;
  const parent = process.ppid;
  const shell = await findProcess(parent);
  const isShell = /^(?:ba|da|a|z)?sh(?:\.exe)?$/.test(basename(shell?.command.split(' ', 1)[0] ?? ''));
  const npm = isShell ? shell?.parent : undefined;
  const timer = setInterval(() => {
    if (process.ppid === parent && (npm === undefined || isAlive(npm))) return;
    clearInterval(timer);
    gone();
  }, PARENT_CHECK_MS);
  timer.unref();
}
