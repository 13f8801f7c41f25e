import { endProcess } from './endProcess';
import { EnvError, loadEnvFiles } from './env';
import { processMetrics } from './metrics/processMetrics';
import { startTracing } from './tracing/startTracing';

/** How long a graceful shutdown waits for requests in flight, after the time of DRAIN_SECONDS. */
const STOP_LIMIT_MS = 15_000;

const PARENT_GONE = 'the end of the parent process';

interface Running {
  /** How long it serves after `stop`. */
  drainMs?: number;
  stop(): Promise<void>;
}

/**
 * Runs the service `name` as a process: reads the environment files and starts it. SIGTERM or SIGINT begin a graceful shutdown, with the exit
 * code 0. If the service can't start, one sentence says why, and the exit code is 1.
 */
export async function runService(name: string, start: (source: NodeJS.ProcessEnv) => Promise<Running>): Promise<void> {
  // Until it runs, there is nothing to stop gracefully.
  process.once('disconnect', endProcess);
  try {
    loadEnvFiles();
    // From the start on, not from the first scrape.
    processMetrics();
    const stopTracing = startTracing(name, process.env);
    const service = await start(process.env);
    process.off('disconnect', endProcess);
    stopOnSignals({ stop: () => service.stop().finally(stopTracing) });
  } catch (error) {
    console.error(startFault(error));
    process.exit(1);
  }
}

/** The end of the parent process, such as a killed `npm start`, also stops the service. */
function stopOnSignals(service: Running): void {
  let stopping = false;
  const stop = (signal: string) => {
    if (stopping) return;
    stopping = true;
    const limitMs = STOP_LIMIT_MS + (service.drainMs ?? 0);
    const exit = signal === PARENT_GONE ? endProcess : (code: number) => process.exit(code);
    setTimeout(() => {
      console.error(`Not stopped ${limitMs / 1000} s after ${signal}: exiting all the same`);
      exit(1);
    }, limitMs).unref();
    service.stop().then(
      () => exit(0),
      (error: unknown) => {
        console.error(error);
        exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.on('disconnect', () => stop(PARENT_GONE));
  // The parent may have ended before the listener was added. (`connected` is undefined, not false, without an IPC channel to a parent.)
  if (process.connected === false) stop(PARENT_GONE);
}

function startFault(error: unknown): string {
  if (error instanceof EnvError) return error.message;
  const { code, port, message, stack } = error as NodeJS.ErrnoException & { port?: number };
  if (code === 'EADDRINUSE') return `Port ${port} is in use by another program: stop it, or set another port`;
  if (code === 'ECONNREFUSED')
    return `PostgreSQL does not answer at the configured address (${message}): is it started?`;
  return process.env.NODE_ENV === 'production' ? message : (stack ?? message);
}
