import { createHash, createHmac } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import S3rver from 's3rver';
import type { S3Settings } from '../s3Store';

const CREDENTIALS = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' };

const LISTED_CONCURRENCY = 3;

/**
 * An S3-compatible store on a free port, with one empty bucket. It takes every signature of version 4 for good, so presigned
 * requests are verified before they come to it.
 */
export async function startS3Server(): Promise<{ settings: S3Settings; stop(): Promise<void> }> {
  const bucket = 'media';
  const directory = await mkdtemp(join(tmpdir(), 's3-'));
  const store = new S3rver({ silent: true, directory, configureBuckets: [{ name: bucket }] });
  await store.configureBuckets();
  const handle = store.callback();
  const server = createServer((request, response) => {
    const fault = faultOfPresigned(request);
    // Lists come in pages of three, so that a test has several without a thousand files.
    if (request.url?.includes('prefix=')) request.url += `&max-keys=${LISTED_CONCURRENCY}`;
    if (fault === null) handle(request, response);
    else response.writeHead(403, { connection: 'close' }).end(fault);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    settings: { bucket, region: 'us-east-1', endpoint: `http://127.0.0.1:${port}`, credentials: CREDENTIALS },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(directory, { recursive: true });
    },
  };
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();

/**
 * Why S3 would refuse a presigned request; null when it would not, or it is none. By
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 */
function faultOfPresigned({ method, url = '', headers }: IncomingMessage): string | null {
  const { pathname, searchParams } = new URL(url, 'http://s3');
  const given = (name: string) => searchParams.get(`X-Amz-${name}`) ?? '';
  if (!given('Algorithm')) return headers.authorization ? null : 'AccessDenied';
  const [, day = '', region = '', service = ''] = given('Credential').split('/');
  const signedHeaders = given('SignedHeaders').split(';');
  const query = [...searchParams]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map((pair) => pair.map(encodeURIComponent).join('='))
    .sort();
  const canonicalRequest = [
    method,
    pathname,
    query.join('&'),
    ...signedHeaders.map((name) => `${name}:${headers[name]}`),
    '',
    signedHeaders.join(';'),
    'UNSIGNED-PAYLOAD',
  ].join('\n');
  const scope = [day, region, service, 'aws4_request'];
  const key = scope.reduce<string | Buffer>((from, part) => hmac(from, part), `AWS4${CREDENTIALS.secretAccessKey}`);
  const text = ['AWS4-HMAC-SHA256', given('Date'), scope.join('/'), sha256(canonicalRequest)].join('\n');
  if (hmac(key, text).toString('hex') !== given('Signature')) return 'SignatureDoesNotMatch';
  const signedAt = Date.parse(given('Date').replace(/^(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5'));
  return Date.now() < signedAt + Number(given('Expires')) * 1000 ? null : 'AccessDenied';
}
