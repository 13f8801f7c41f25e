import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import Fastify from 'fastify';
import { createDiskStore } from './diskStore';
import { type FileStore, fileFolder, joinKey, readWhole, tenantFolders, uploadKey } from './fileStore';
import { mediaRoute } from './media.route';
import { createMediaUrls } from './mediaUrls';
import { createS3Store } from './s3Store';
import { startS3Server } from './test/s3Server';

interface Started {
  store: FileStore;
  stop(): Promise<void>;
}

/** A disk store and the route for its uploads, without a gateway. */
async function startDiskStore(): Promise<Started & { root: string }> {
  const root = await mkdtemp(join(tmpdir(), 'disk-store-'));
  const port = await freePort();
  const server = Fastify();
  const urls = createMediaUrls(`http://127.0.0.1:${port}`, [Buffer.from('k'.repeat(32))]);
  const store = createDiskStore(root, urls);
  mediaRoute({ store, urls, findImage: async () => null }, async () => true)(server);
  await server.listen({ host: '127.0.0.1', port });
  return {
    root,
    store,
    stop: async () => {
      await server.close();
      await rm(root, { recursive: true });
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

async function startS3Store(): Promise<Started> {
  const { settings, stop } = await startS3Server();
  return { store: createS3Store(settings), stop };
}

const soon = () => new Date(Date.now() + 60_000);
const textOf = async (store: FileStore, key: string) => {
  const file = await store.open(key);
  return file && (await readWhole(file.body, 1_000_000)).toString();
};
const keysOf = async (store: FileStore, prefix: string) => {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix)) keys.push(key);
  return keys.sort();
};
const putText = (store: FileStore, key: string, text: string) =>
  store.put(key, Buffer.from(text), { contentType: 'text/csv', byteSize: Buffer.byteLength(text) });

describe.each<[string, () => Promise<Started>]>([
  ['on disk', startDiskStore],
  ['in an S3-compatible store', startS3Store],
])('files %s', (_where, start) => {
  let store: FileStore;
  let stop: Started['stop'];

  beforeAll(async () => {
    ({ store, stop } = await start());
  });
  afterAll(() => stop());

  const send = async (
    key: string,
    announced: { contentType: string; byteSize: number },
    body: string,
    { contentType = announced.contentType, change = (url: string) => url, expiresAt = soon() } = {},
  ) => {
    const { url, method, headers } = await store.uploadTarget(key, announced, expiresAt);
    expect(headers).toEqual([{ name: 'content-type', value: announced.contentType }]);
    return fetch(change(url), { method, headers: { 'content-type': contentType }, body });
  };

  it.each(['../escape', 'files/../../etc/passwd', '/etc/passwd', 'files//x', '.hidden', 'files/a b', 'files/x\\y', ''])(
    'refuses the key %j',
    async (key) => {
      await expect(putText(store, key, 'x')).rejects.toThrow('no part of a file’s key');
      await expect(store.open(key)).rejects.toThrow('no part of a file’s key');
    },
  );

  it.each<[string, Parameters<typeof send>[3], string]>([
    ['another type', { contentType: 'text/html' }, '12345'],
    ['more bytes than announced', {}, '123456'],
    ['fewer bytes than announced', {}, '1234'],
    ['an address for another store’s file', { change: (url) => url.replace('org_a', 'org_b') }, '12345'],
    ['an address for another file', { change: (url) => url.replace('file_1', 'file_2') }, '12345'],
    ['a signature that was changed', { change: (url) => url.replace(/(signature=)..../i, '$10000') }, '12345'],
    ['an expired address', { expiresAt: new Date(Date.now() - 2_000) }, '12345'],
  ])('refuses an upload with %s', async (_what, options, body) => {
    const announced = { contentType: 'text/csv', byteSize: 5 };
    const outcome = await send(uploadKey('org_a', 'file_1'), announced, body, options).catch((error: Error) => error);
    expect(outcome instanceof Error || outcome.status >= 400).toBe(true);
    expect(await textOf(store, uploadKey('org_a', 'file_1'))).toBeNull();
    expect(await textOf(store, uploadKey('org_b', 'file_1'))).toBeNull();
  });

  it('accepts an upload as announced, and another one that replaces it', async () => {
    const key = uploadKey('org_a', 'file_3');
    const announced = { contentType: 'text/csv', byteSize: 5 };
    expect((await send(key, announced, '12345')).ok).toBe(true);
    expect((await send(key, announced, 'abcde')).ok).toBe(true);
    expect(await textOf(store, key)).toBe('abcde');
    const file = await store.open(key);
    expect(file?.byteSize).toBe(5);
    file?.body.destroy();
  });

  it('finds no file at an unused key, and removing it is no error', async () => {
    expect(await store.open(joinKey('files', 'none'))).toBeNull();
    await store.remove(joinKey('files', 'none'));
    expect(await store.removeAll('files/none/')).toBe(0);
    expect(await keysOf(store, 'nowhere/')).toEqual([]);
  });

  it('keeps streams and replaces what was there', async () => {
    const key = uploadKey('org_c', 'file_4');
    await putText(store, key, 'first');
    const chunks = ['long ', 'and ', 'streamed'].map((text) => Buffer.from(text));
    await store.put(key, Readable.from(chunks, { objectMode: false }), { contentType: 'text/csv', byteSize: 17 });
    expect(await textOf(store, key)).toBe('long and streamed');
  });

  it('removes one store’s files, and none of a store whose id has the same beginning', async () => {
    for (const tenant of ['org_d', 'org_dd']) {
      for (const file of ['file_1', 'file_2']) await putText(store, uploadKey(tenant, file), tenant);
    }
    expect(await store.removeAll(fileFolder('org_d', 'file_1'))).toBe(1);
    let removed = 0;
    for (const folder of tenantFolders('org_d')) removed += await store.removeAll(folder);
    expect(removed).toBe(1);
    expect(await keysOf(store, 'files/org_d/')).toEqual([]);
    expect(await keysOf(store, 'files/org_dd/')).toEqual([
      uploadKey('org_dd', 'file_1'),
      uploadKey('org_dd', 'file_2'),
    ]);
  });

  it('lists more files than one page, each with its size and age', async () => {
    for (let n = 0; n < 10; n += 1) await putText(store, joinKey('cache', 'org_e', `f${n}`), 'xyz');
    const listed = [];
    for await (const file of store.list('cache/org_e/')) listed.push(file);
    expect(listed).toHaveLength(10);
    expect(listed.every(({ byteSize }) => byteSize === 3)).toBe(true);
    expect(listed.every(({ storedAt }) => Math.abs(storedAt.getTime() - Date.now()) < 60_000)).toBe(true);
  });
});

it('an interrupted upload to disk leaves no file', async () => {
  const { root, store, stop } = await startDiskStore();
  const broken = Readable.from(
    (async function* () {
      yield Buffer.from('12');
      throw new Error('connection lost');
    })(),
  );
  await expect(store.put('files/a/b', broken, { contentType: 'text/csv', byteSize: 5 })).rejects.toThrow('lost');
  expect((await readdir(root, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())).toEqual([]);
  await stop();
});
