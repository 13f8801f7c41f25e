import { spawn } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { withClient } from '../databases';

const BINARY = '/usr/sbin/pgbouncer';
const READY_WITHIN_MS = 10_000;

export interface PgBouncer {
  /** The database's URL through PgBouncer. */
  url: string;
  stop(): Promise<void>;
}

/**
 * Debian's PgBouncer in transaction mode, with fewer connections to the server than clients have to it.
 * @param url of the database behind it. @throws Error when it does not answer.
 */
export async function startPgBouncer(url: string, serverConnections: number): Promise<PgBouncer> {
  const { hostname, port, pathname, username, password } = new URL(url);
  const folder = await mkdtemp(join(tmpdir(), 'pgbouncer-'));
  const ownPort = await freePort();
  const users = join(folder, 'users.txt');
  const configuration = join(folder, 'pgbouncer.ini');
  await writeFile(users, `"${username}" "${decodeURIComponent(password)}"\n`);
  await writeFile(
    configuration,
    `[databases]
${pathname.slice(1)} = host=${hostname} port=${port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${ownPort}
unix_socket_dir =
auth_type = plain
auth_file = ${users}
pool_mode = transaction
default_pool_size = ${serverConnections}
`,
  );
  // It refuses to run as root, and reads its files as the user that it switches to.
  const asRoot = process.getuid?.() === 0;
  if (asRoot) await Promise.all([chmod(folder, 0o755), chmod(users, 0o644), chmod(configuration, 0o644)]);
  const child = spawn(BINARY, [...(asRoot ? ['-u', 'nobody'] : []), configuration], { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });

  const through = new URL(url);
  through.host = `127.0.0.1:${ownPort}`;
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
    await rm(folder, { recursive: true });
  };
  try {
    await untilAnswers(through.href);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: through.href, stop };
}

async function untilAnswers(url: string): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS;
  for (;;) {
    try {
      await withClient(url, (client) => client.query('SELECT 1'));
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(50);
    }
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}
