import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { withClient } from '../databases';
import { type EmbeddedPostgres, type EmbeddedPostgresOptions, startEmbeddedPostgres } from '../embeddedPostgres';
import { chooseOsUser } from '../postgres/osUser';

// Most tests start a server anew, some a second process.
jest.setTimeout(60_000);

const OPTIONS = { port: 0, superuserPassword: 'first', settings: { fsync: 'off', shared_buffers: '16MB' } };
const run = promisify(execFile);
const asRoot = process.getuid?.() === 0 ? it : it.skip;

/** Data made once, and copied: making it takes most of a second. */
let made: string;
let folder: string;
let dataDirectory: string;
let started: EmbeddedPostgres[] = [];

beforeAll(async () => {
  made = await makeFolder();
  const server = await startEmbeddedPostgres({ ...OPTIONS, dataDirectory: join(made, 'postgres') });
  await query(server, 'CREATE TABLE kept AS SELECT 42 AS answer');
  await server.stop();
});

afterAll(() => rm(made, { recursive: true }));

beforeEach(async () => {
  folder = await makeFolder();
  dataDirectory = join(folder, 'postgres');
});

afterEach(async () => {
  await Promise.all(started.map((server) => server.stop()));
  started = [];
  await rm(folder, { recursive: true });
});

/** One that PostgreSQL's user may enter. */
async function makeFolder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'embedded-'));
  await chmod(made, 0o755);
  return made;
}

/** As a copy by root is, which belongs to root. */
const copyData = () => run('cp', ['-r', join(made, 'postgres'), dataDirectory]);

async function start(options: Partial<EmbeddedPostgresOptions> = {}): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ ...OPTIONS, dataDirectory, ...options });
  started.push(server);
  return server;
}

const query = (server: EmbeddedPostgres, sql: string) =>
  withClient(server.adminUrl, async (client) => (await client.query({ text: sql, rowMode: 'array' })).rows);

/** Kills the shell that would stop the server when its launcher is gone. */
const WITHOUT_WATCHER = `const programs = require('node:child_process'), { spawn } = programs;
  programs.spawn = (program, ...more) => {
    const child = spawn(program, ...more);
    if (program === '/bin/sh') child.kill('SIGKILL');
    return child;
  };`;

/** Another process that starts the server and stays. */
async function startLauncher(first = ''): Promise<ChildProcess> {
  const call = `${first} require(${JSON.stringify(join(__dirname, '..', 'embeddedPostgres'))})
    .startEmbeddedPostgres(${JSON.stringify({ ...OPTIONS, dataDirectory })}).then(() => console.log('ready'))`;
  const launcher = spawn(process.execPath, ['--require', './gateway/dev/ts', '-e', call], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(launcher.stdout, 'data');
  return launcher;
}

describe('startEmbeddedPostgres', () => {
  it('is refused on a port that is in use', async () => {
    await copyData();
    const { port } = await start();
    await expect(start({ port, dataDirectory: join(made, 'postgres') })).rejects.toMatchObject({
      fault: 'PORT_IN_USE',
      message: `PostgreSQL can't listen on 127.0.0.1:${port}: another program uses that port.`,
    });
  });

  it('is refused on the data of a server that is in use', async () => {
    await copyData();
    const { pid } = await start();
    await expect(start()).rejects.toMatchObject({
      fault: 'ALREADY_RUNNING',
      message: expect.stringContaining(`(process ${pid}, started by process ${process.pid}) is already running`),
    });
  });

  it.each([
    ['a folder of something else', 'notes.txt', 'is not a data folder of PostgreSQL'],
    ['the data of another version', 'PG_VERSION', 'is a data folder of PostgreSQL 16, and this is PostgreSQL 18'],
  ])('is refused on %s, and leaves it as it is', async (_what, file, problem) => {
    await mkdir(dataDirectory);
    await writeFile(join(dataDirectory, file), '16\n');

    await expect(start()).rejects.toMatchObject({ fault: 'DATA_UNUSABLE', message: expect.stringContaining(problem) });
    expect(await readdir(dataDirectory)).toEqual([file]);
  });

  it('is refused on broken data, in a sentence', async () => {
    await copyData();
    await rm(join(dataDirectory, 'global', 'pg_control'));

    await expect(start()).rejects.toMatchObject({
      fault: 'DATA_UNUSABLE',
      message: expect.stringMatching(
        /^PostgreSQL does not start with the data folder .*: could not find the database system/,
      ),
    });
  });

  it('keeps its data from one start to the next', async () => {
    const first = await start();
    await query(first, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await first.stop();
    expect(await first.exited).toEqual({ code: 0, signal: null });

    expect(await query(await start(), 'SELECT answer FROM kept')).toEqual([[42]]);
  });

  it('takes passwords only, and only from this machine', async () => {
    await copyData();
    const server = await start();
    expect(await query(server, 'SHOW listen_addresses')).toEqual([['127.0.0.1']]);
    expect(await query(server, 'SHOW unix_socket_directories')).toEqual([['']]);
    const wrong = { ...server, adminUrl: server.adminUrl.replace(':first@', ':wrong@') };
    await expect(query(wrong, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
  });

  it('takes a new superuser password for the old one', async () => {
    await copyData();
    expect(await query(await start({ superuserPassword: "it's new" }), 'SELECT 1')).toEqual([[1]]);
  });

  it('recovers by itself after kill -9 of PostgreSQL', async () => {
    await copyData();
    const first = await start();
    await query(first, 'UPDATE kept SET answer = 43');
    process.kill(first.pid, 'SIGKILL');
    expect(await first.exited).toMatchObject({ signal: 'SIGKILL' });

    expect(await query(await start(), 'SELECT answer FROM kept')).toEqual([[43]]);
  });

  it('starts where another process has reused the id of a server that has ended', async () => {
    await copyData();
    // PostgreSQL overlooks the processes of other users anyway.
    const user = await chooseOsUser(join(made, 'postgres'), () => {});
    const stranger = spawn('sleep', ['60'], { ...user, cwd: '/' });
    try {
      await writeFile(join(dataDirectory, 'postmaster.pid'), `${stranger.pid}\n${dataDirectory}\n1\n1\n\n\n\nready\n`);
      expect(await query(await start(), 'SELECT answer FROM kept')).toEqual([[42]]);
      expect(stranger.exitCode).toBeNull();
    } finally {
      stranger.kill();
    }
  });

  it('ends with its launcher, also by kill -9', async () => {
    await copyData();
    const launcher = await startLauncher();
    const postmaster = join(dataDirectory, 'postmaster.pid');
    expect(existsSync(postmaster)).toBe(true);
    launcher.kill('SIGKILL');
    const deadline = Date.now() + 30_000;
    while (existsSync(postmaster) && Date.now() < deadline) await sleep(50);
    expect(existsSync(postmaster)).toBe(false);
  });

  it('takes over what a launcher killed by kill -9 has left running', async () => {
    await copyData();
    const launcher = await startLauncher(WITHOUT_WATCHER);
    launcher.kill('SIGKILL');
    await once(launcher, 'exit');
    const onProgress = jest.fn();

    expect(await query(await start({ onProgress }), 'SELECT 1')).toEqual([[1]]);
    expect(onProgress).toHaveBeenCalledWith(
      expect.stringMatching(/^Stopping the PostgreSQL that a killed run left behind/),
    );
  });

  it('clears away what an interrupted first start has left', async () => {
    const dead = spawn(process.execPath, ['-e', '']);
    await once(dead, 'exit');
    await mkdir(join(folder, `postgres.initdb-${dead.pid}`, 'data'), { recursive: true });

    await start();
    expect((await readdir(folder)).sort()).toEqual(['postgres', 'postgres.log']);
  });

  asRoot("keeps data elsewhere when this folder is closed to PostgreSQL's user", async () => {
    await chmod(folder, 0o700);
    const first = await start();
    try {
      expect(first.dataDirectory).toMatch(/^\/var\/lib\/multistore-supergraph\/[0-9a-f]{16}\/postgres$/);
      await query(first, 'CREATE TABLE kept AS SELECT 42 AS answer');
      await first.stop();

      expect(await query(await start(), 'SELECT answer FROM kept')).toEqual([[42]]);
    } finally {
      await Promise.all(started.map((server) => server.stop()));
      await rm(dirname(first.dataDirectory), { recursive: true });
    }
  });
});
