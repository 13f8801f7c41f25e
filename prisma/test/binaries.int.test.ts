import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findPlatformPackage, locateBinaries } from '../postgres/binaries';
import { chooseOsUser } from '../postgres/osUser';
import { runProgram } from '../postgres/runProgram';

const run = promisify(execFile);
const asRoot = process.getuid?.() === 0 ? it : it.skip;

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'binaries-'));
  await chmod(folder, 0o755);
});

afterEach(() => rm(folder, { recursive: true }));

describe('locateBinaries', () => {
  async function copyPackage(): Promise<string> {
    const copy = join(folder, 'package');
    await run('cp', ['-a', findPlatformPackage(), copy]);
    return copy;
  }

  async function versionBy(packageFolder: string): Promise<string> {
    const user = await chooseOsUser(folder, () => {});
    const { postgres } = await locateBinaries(user, () => {}, packageFolder);
    return (await runProgram(postgres, ['--version'], user)).output;
  }

  it('makes the links that npm was not allowed to make', async () => {
    const copy = await copyPackage();
    for (const name of await readdir(join(copy, 'native', 'lib'))) {
      if (/\.so(\.\d+)?$/.test(name)) await rm(join(copy, 'native', 'lib', name));
    }
    expect(await versionBy(copy)).toContain('PostgreSQL) 18.');
  });

  asRoot("copies the programs when this folder is closed to PostgreSQL's user", async () => {
    const copy = await copyPackage();
    await chmod(folder, 0o700);
    expect(await versionBy(copy)).toContain('PostgreSQL) 18.');
  });

  it('says in a sentence that it is not installed', async () => {
    const platform = Object.getOwnPropertyDescriptor(process, 'platform') as PropertyDescriptor;
    Object.defineProperty(process, 'platform', { ...platform, value: 'sunos' });
    try {
      expect(() => findPlatformPackage()).toThrow('There is no embedded PostgreSQL for this machine');
    } finally {
      Object.defineProperty(process, 'platform', platform);
    }
  });
});
