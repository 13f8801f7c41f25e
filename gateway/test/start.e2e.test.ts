import { spawn } from 'node:child_process';
import { chmodSync, cpSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../dev/ports';

const ROOT = join(__dirname, '..', '..');
const PARTS = ['gateway', 'subgraphs', 'prisma', 'package.json', 'package-lock.json', 'codegen.ts'];
const MADE = ['.data/compiled', '.data/bundles'];
const LONG = 120_000;

/** Of somebody who works on other things, too: none of it is meant for this program. */
const SHELL = {
  PGSSLMODE: 'require',
  PGOPTIONS: '-c TimeZone=Asia/Kathmandu',
  PGHOST: 'db.example.com',
  HTTP_PROXY: 'http://127.0.0.1:9',
  http_proxy: 'http://127.0.0.1:9',
  NODE_USE_ENV_PROXY: '1',
  LC_ALL: 'xx',
  TZ: 'Asia/Kathmandu',
};

/** A copy of this checkout, whose data is its own. */
let checkout: string;
let ports: Record<string, string>;

beforeAll(async () => {
  checkout = mkdtempSync(join(tmpdir(), 'start-'));
  // PostgreSQL runs as another user where this is root.
  chmodSync(checkout, 0o755);
  for (const part of [...PARTS, ...MADE]) cpSync(join(ROOT, part), join(checkout, part), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(checkout, 'node_modules'));
  const names = ['GATEWAY', 'TENANT', 'PRODUCT', 'ORDER', 'POSTGRES'];
  const free = await Promise.all(names.map(async (name) => [`${name}_PORT`, String(await freePort())] as const));
  ports = Object.fromEntries(free);
});
afterEach(async () => {
  // Only after a test that failed.
  for (const { pid } of runningIn(checkout)) process.kill(pid, 'SIGKILL');
});
afterAll(() => rmSync(checkout, { recursive: true }));

/** Without demo stores, as their users are of another Clerk: what is tried here is how it starts and ends. */
function npmStart(env: Record<string, string> = {}) {
  const npm = spawn('npm', ['start'], {
    cwd: checkout,
    env: { ...process.env, NODE_ENV: '', CLERK_ISSUERS: 'https://clerk.example.com', ...ports, ...env },
    // A process group of its own, as a terminal gives to a command.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: string[] = [];
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) => {
    npm.once('close', (code, signal) => resolve(signal ?? code));
  });
  for (const stream of [npm.stdout, npm.stderr])
    createInterface({ input: stream }).on('line', (line) => said.push(line));
  /** Resolves with all lines, when one of them has this text. */
  const says = async (text: string) => {
    const isOver = ended.then(() => true);
    while (!said.some((line) => line.includes(text))) {
      if (await Promise.race([isOver, sleep(50, false)])) break;
    }
    expect(said.join('\n')).toContain(text);
  };
  return { npm, said, ended, says };
}

/** Each program that runs there, with its process id; PostgreSQL's by its data. */
function runningIn(folder: string): { pid: number; command: string }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
        const isThere = command.includes(folder) || readlinkSync(`/proc/${name}/cwd`) === folder;
        return isThere ? [{ pid: Number(name), command }] : [];
      } catch {
        // It has ended meanwhile, or is another user's.
        return [];
      }
    });
}

async function untilNothingRuns(): Promise<void> {
  const deadline = Date.now() + 40_000;
  while (runningIn(checkout).length > 0 && Date.now() < deadline) await sleep(100);
  expect(runningIn(checkout).map((left) => ({ ...left, threads: threadsOf(left.pid) }))).toEqual([]);
}

/** The name and state of each thread, and the kernel function that it waits in: what a process that does not end waits for. */
function threadsOf(pid: number): string[] {
  const tasks = `/proc/${pid}/task`;
  return readdirSync(tasks).map((id) => {
    const [status, waitsIn] = ['status', 'wchan'].map((file) => readFileSync(join(tasks, id, file), 'utf8'));
    return `${/^Name:\s*(.*)$/m.exec(status ?? '')?.[1]} ${/^State:\s*(.*)$/m.exec(status ?? '')?.[1]} ${waitsIn}`;
  });
}

(process.platform === 'linux' ? describe : describe.skip)('npm start', () => {
  it('is refused in production, in a sentence that says what to do', async () => {
    const { ended, says } = npmStart({ NODE_ENV: 'production' });
    expect(await ended).toBe(1);
    await says('Unset NODE_ENV and start again');
  });

  it(
    'ends with what a service says that does not start, and leaves none of the others behind',
    async () => {
      const { ended, says } = npmStart({ CALLER_SIGNING_KEY: 'short' });
      expect(await ended).toBe(1);
      await says('CALLER_SIGNING_KEY: is too short');
      await says('service did not start (exit code 1)');
      expect(runningIn(checkout)).toEqual([]);
    },
    LONG,
  );

  it(
    'runs whatever the shell sets for other programs, and ends with everything by kill -9',
    async () => {
      const { ended, says } = npmStart(SHELL);
      await says('The platform runs');
      const answer = await fetch(`http://127.0.0.1:${ports.GATEWAY_PORT}/readyz`);
      expect(await answer.json()).toEqual({ status: 'ok' });
      const [start] = runningIn(checkout).filter(({ command }) => /^\S*node .*gateway\/dev\/start\.ts/.test(command));
      process.kill(start?.pid ?? 0, 'SIGKILL');
      await ended;
      await untilNothingRuns();
    },
    LONG,
  );

  it.each<[string, string, (npm: number) => Promise<void>]>([
    [
      'kill of npm while services are loaded',
      'Starting the subgraphs',
      async (npm) => void process.kill(npm, 'SIGTERM'),
    ],
    ['kill -9 of npm while databases are prepared', 'Preparing', async (npm) => void process.kill(npm, 'SIGKILL')],
    [
      'Ctrl-C, and Ctrl-C again, while PostgreSQL starts',
      'Starting PostgreSQL',
      async (npm) => {
        process.kill(-npm, 'SIGINT');
        await sleep(100);
        process.kill(-npm, 'SIGINT');
      },
    ],
    ['a terminal that is closed', 'Starting the subgraphs', async (npm) => void process.kill(-npm, 'SIGHUP')],
  ])(
    'leaves nothing behind after %s',
    async (_how, line, end) => {
      const { npm, says } = npmStart();
      await says(line);
      await end(npm.pid ?? 0);
      await untilNothingRuns();
    },
    LONG,
  );
});
