import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readEnv } from '../env';
import { startGateway } from '../server';
import { freePort } from './ports';

export interface MeasuredGateway {
  origin: string;
  /** Milliseconds of a processor that all of its threads have used. */
  cpuMs(): Promise<number>;
  /** Bytes that it holds. */
  memory(): Promise<number>;
  stop(): Promise<void>;
}

interface Usage {
  cpuMs: number;
  memory: number;
}

/** A gateway as a process of its own, which says what it uses. @param settings those of the running platform, and more. */
export async function startMeasuredGateway(settings: Record<string, string>): Promise<MeasuredGateway> {
  const port = String(await freePort());
  const child = fork(__filename, {
    env: { ...process.env, ...settings, GATEWAY_PORT: port, LOG_LEVEL: 'error' },
    execArgv: ['--require', './gateway/dev/ts'],
  });
  await once(child, 'message');
  return {
    origin: `http://127.0.0.1:${port}`,
    cpuMs: async () => (await usageOf(child)).cpuMs,
    memory: async () => (await usageOf(child)).memory,
    stop: async () => {
      const exited = once(child, 'exit');
      child.disconnect();
      await exited;
    },
  };
}

async function usageOf(child: ChildProcess): Promise<Usage> {
  const [[usage]] = await Promise.all([once(child, 'message'), child.send('usage')]);
  return usage as Usage;
}

/** In the child process. */
async function measured(): Promise<void> {
  const gateway = await startGateway(readEnv(process.env));
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send?.({ cpuMs: (user + system) / 1_000, memory: process.memoryUsage.rss() } satisfies Usage);
  });
  process.on('disconnect', () => void gateway.stop().then(() => process.exit()));
  process.send?.('ready');
}

if (require.main === module) void measured();
