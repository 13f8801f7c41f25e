import type { LookupAddress } from 'node:dns';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'svix/dist/webhook';
import type { ResolveHost } from '../../shared/webhooks/guardedAgent';
import { addressGuard } from '../../shared/webhooks/publicAddress';
import { newSecret } from '../../shared/webhooks/secretBox';
import { createWebhookSender } from './webhookSender';

let server: Server;
let answer: RequestListener;
let requests = 0;
let connections = 0;

beforeAll(async () => {
  server = createServer((request, response) => {
    requests += 1;
    answer(request, response);
  });
  server.on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
beforeEach(() => {
  requests = 0;
  connections = 0;
  answer = (_request, response) => response.end('thanks');
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

const port = () => (server.address() as AddressInfo).port;
const message = (url: string) => ({ url, eventId: 'evt_1', body: '{"a":1}', secrets: [newSecret()] });
const here: LookupAddress[] = [{ address: '127.0.0.1', family: 4 }];

async function send(url: string, resolve?: ResolveHost, also: 'all' | [] = []) {
  const sender = createWebhookSender(addressGuard(also), resolve);
  const result = await sender.send(message(url));
  await sender.close();
  return result;
}

describe('a request to this machine or its network (SSRF)', () => {
  const REFUSED = { isDelivered: false, status: null, excerpt: null, error: 'It is not at a public address.' };

  it.each([
    ['an address', (to: number) => `http://127.0.0.1:${to}/`],
    ['a number', (to: number) => `http://2130706433:${to}/`],
    ['hexadecimal', (to: number) => `http://0x7f.1:${to}/`],
    ['IPv4 in IPv6', (to: number) => `http://[::ffff:127.0.0.1]:${to}/`],
    ['a name of this machine', (to: number) => `http://localhost:${to}/`],
  ])('is not made, spelled as %s', async (_how, urlAt) => {
    expect(await send(urlAt(port()))).toEqual(REFUSED);
    expect(connections).toBe(0);
  });

  it('is not made when a name resolves to such an address among others', async () => {
    const resolve = async () => [{ address: '93.184.215.14', family: 4 }, ...here];
    expect(await send(`http://shop.example.com:${port()}/`, resolve)).toEqual(REFUSED);
    expect(connections).toBe(0);
  });

  it('is not made by DNS rebinding: a name that resolves to another address each time', async () => {
    // As if 127.0.0.2 were a public address; nobody listens there.
    const answers = ['127.0.0.2', '127.0.0.1', '127.0.0.1'].map((address) => [{ address, family: 4 }]);
    const sender = createWebhookSender(
      (address) => address === '127.0.0.2',
      async () => answers.shift() ?? [],
    );
    const rebinding = message(`http://rebind.example.com:${port()}/`);
    expect((await sender.send(rebinding)).error).toContain('ECONNREFUSED');
    expect(answers).toHaveLength(2);
    expect(await sender.send(rebinding)).toEqual(REFUSED);
    await sender.close();
    expect(connections).toBe(0);
  });

  it('is closed when the connection has such an address all the same', async () => {
    // As if the lookup and the connection got different addresses.
    const seen: string[] = [];
    const allow = (address: string) => seen.push(address) === 1;
    const sender = createWebhookSender(allow, async () => here);
    expect(await sender.send(message(`http://shop.example.com:${port()}/`))).toEqual(REFUSED);
    await sender.close();
    expect(requests).toBe(0);
  });

  it('is not made through a redirect', async () => {
    answer = (_request, response) => response.writeHead(302, { location: `http://127.0.0.1:${port()}/inside` }).end();
    const result = await send(`http://127.0.0.1:${port()}/`, undefined, 'all');
    expect(result).toMatchObject({ isDelivered: false, status: 302 });
    expect(requests).toBe(1);
  });
});

describe('the response', () => {
  it.each([301, 400, 404, 429, 500, 503])('%i is a failed attempt', async (status) => {
    answer = (_request, response) => response.writeHead(status).end('no');
    expect(await send(`http://127.0.0.1:${port()}/`, undefined, 'all')).toEqual({
      isDelivered: false,
      status,
      excerpt: 'no',
      error: `It answered ${status}.`,
    });
  });

  it('is stored up to a limit, and without NUL, which PostgreSQL can’t store', async () => {
    answer = (_request, response) => {
      response.writeHead(200);
      const more = () => {
        while (!response.destroyed && response.write(`\u0000é${'x'.repeat(70_000)}`));
      };
      response.on('drain', more);
      more();
    };
    const result = await send(`http://127.0.0.1:${port()}/`, undefined, 'all');
    expect(result).toMatchObject({ isDelivered: true, status: 200 });
    expect(result.excerpt).toMatch(/^�éx+$/);
    expect(result.excerpt?.length).toBeLessThanOrEqual(1_024);
  });

  it('is null when nobody listens, and the error names no address', async () => {
    const { error } = await send('http://127.0.0.1:9/', undefined, 'all');
    expect(error).toBe('It could not be reached (ECONNREFUSED).');
  });
});

it('is signed with each secret, as svix’s Webhook verifies it', async () => {
  const secrets = [newSecret(), newSecret()];
  const received = new Promise<{ headers: Record<string, string>; body: string }>((resolve) => {
    answer = (request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => {
        resolve({ headers: request.headers as Record<string, string>, body });
        response.end();
      });
    };
  });
  const sender = createWebhookSender(addressGuard('all'));
  await sender.send({ ...message(`http://127.0.0.1:${port()}/`), secrets });
  await sender.close();
  const { headers, body } = await received;
  for (const secret of secrets) expect(new Webhook(secret).verify(body, headers)).toEqual({ a: 1 });
  expect(() => new Webhook(newSecret()).verify(body, headers)).toThrow();
  expect(() => new Webhook(secrets[0] ?? '').verify(`${body} `, headers)).toThrow();
  expect(headers['webhook-id']).toBe('evt_1');
});
