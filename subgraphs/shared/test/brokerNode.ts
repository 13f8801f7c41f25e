import { execFile, spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

/** Debian's, from the packages rabbitmq-server and erlang-base. */
const SERVER = '/usr/lib/rabbitmq/bin/rabbitmq-server';
const ERL_CALL = '/usr/lib/erlang/bin/erl_call';
const BOOT_MS = 120_000;

/** Whether this machine can run a RabbitMQ for one test. @throws Error when it can't and REQUIRE_SERVICES=1 says that it has to. */
export function hasBrokerNode(): boolean {
  const has = existsSync(SERVER) && existsSync(ERL_CALL);
  if (!has && process.env.REQUIRE_SERVICES === '1') throw new Error(`There is no ${SERVER} with ${ERL_CALL}`);
  return has;
}

/** A RabbitMQ for one test, which may stop it, suspend it and run it out of memory. */
export interface BrokerNode {
  url: string;
  port: number;
  /** Closes all connections and accepts none, as if it were shut down; durable messages stay. */
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Whether it is out of memory: then it blocks publishers. */
  setMemoryAlarm(isOn: boolean): Promise<void>;
  end(): Promise<void>;
}

/** Starts RabbitMQ on a free port, with its data in a temporary folder. */
export async function startBrokerNode(): Promise<BrokerNode> {
  const folder = await mkdtemp(join(tmpdir(), 'rabbitmq-'));
  const [port, distPort] = [await freePort(), await freePort()];
  const name = `test_${randomUUID().slice(0, 8)}@localhost`;
  const cookie = randomBytes(12).toString('hex');
  for (const [file, text] of [
    ['.erlang.cookie', cookie],
    ['plugins', '[].'],
    ['rabbitmq.conf', ''],
    ['env.conf', ''],
  ] as const) {
    await writeFile(join(folder, file), text, { mode: 0o400 });
  }
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    RABBITMQ_NODENAME: name,
    RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
    RABBITMQ_NODE_PORT: String(port),
    RABBITMQ_DIST_PORT: String(distPort),
    RABBITMQ_MNESIA_BASE: join(folder, 'mnesia'),
    RABBITMQ_LOG_BASE: join(folder, 'log'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'plugins'),
    RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq.conf'),
    RABBITMQ_CONF_ENV_FILE: join(folder, 'env.conf'),
  };
  // A process group of its own: all that the script starts can be ended with it.
  const server = spawn(SERVER, [], { env, stdio: 'ignore', detached: true });
  const call = (expression: string) =>
    promisify(execFile)(ERL_CALL, ['-sname', name, '-c', cookie, '-a', expression], { env });
  const node: BrokerNode = {
    url: `amqp://guest:guest@127.0.0.1:${port}`,
    port,
    stop: async () => void (await call('rabbit stop []')),
    start: async () => void (await call('rabbit start []')),
    setMemoryAlarm: async (isOn) =>
      void (await call(`vm_memory_monitor set_vm_memory_high_watermark [${isOn ? '0.0' : '0.6'}]`)),
    end: async () => {
      const ended = new Promise((resolve) => server.once('exit', resolve));
      if (server.pid) process.kill(-server.pid, 'SIGKILL');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
  for (const deadline = Date.now() + BOOT_MS; !(await listens(port)); await sleep(200)) {
    if (server.exitCode !== null || Date.now() > deadline) {
      await node.end();
      throw new Error('RabbitMQ did not start');
    }
  }
  return node;
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}
