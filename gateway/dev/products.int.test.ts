import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type HttpStub, startHttpStub } from '../test/httpStub';

let folder: string;
let gateway: HttpStub;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'products-'));
  gateway = await startHttpStub(({ path, body }, response) => {
    if (path.startsWith('/media/')) return void response.end(path === '/media/export' ? 'line of products' : '');
    const done = {
      id: 'bulk_1',
      status: 'SUCCEEDED',
      progress: 1,
      failure: null,
      errors: [],
      url: `${gateway.origin}/media/export`,
    };
    const [field] =
      /stagedUploadsCreate|productsImportJob\(|productsExportJob\(|productsImport|productsExport/.exec(String(body)) ??
      [];
    const answers: Record<string, object> = {
      stagedUploadsCreate: { stagedUploadTargets: [{ id: 'file_1', url: `${gateway.origin}/media/upload` }] },
      productsImport: { productsImportJob: done },
      'productsImportJob(': { ...done, created: 1, updated: 0, unchanged: 0, failed: 0 },
      productsExport: { productsExportJob: done },
      'productsExportJob(': done,
    };
    response.end(JSON.stringify({ data: { it: answers[field ?? ''] } }));
  });
});
afterAll(async () => {
  await gateway?.close();
  rmSync(folder, { recursive: true });
});

/** The command, in a shell whose proxy is not there. Node's own `fetch` takes it as with NODE_USE_ENV_PROXY, which Node 20 does not have. */
const run = (what: string, file: string) => {
  const proxied = `require('undici').setGlobalDispatcher(new (require('undici').ProxyAgent)('http://127.0.0.1:9'))`;
  const program = `${proxied}; require('./gateway/dev/products.ts')`;
  const args = [what, file, '--url', gateway.origin, '--token', 'of-an-admin'];
  return promisify(execFile)(process.execPath, ['--require', './gateway/dev/ts', '-e', program, '--', ...args], {
    env: { ...process.env, HTTP_PROXY: 'http://127.0.0.1:9', NODE_USE_ENV_PROXY: '1' },
  });
};

describe('products of a store, by commands that the shell’s proxy does not concern', () => {
  it('are read from a file', async () => {
    const file = join(folder, 'nike.csv');
    writeFileSync(file, 'external_reference,sku\na,A\n');
    const { stdout } = await run('import', file);
    expect(stdout).toContain('1 added, 0 changed, 0 unchanged, 0 refused');
    const upload = gateway.received.find(({ path }) => path === '/media/upload');
    expect([upload?.method, String(upload?.body), upload?.headers['content-type']]).toEqual([
      'PUT',
      readFileSync(file, 'utf8'),
      'text/csv',
    ]);
  });

  it('are written to a file', async () => {
    const file = join(folder, 'nike.jsonl');
    expect((await run('export', file)).stdout).toContain(`Wrote ${file}`);
    expect(readFileSync(file, 'utf8')).toBe('line of products');
  });
});
