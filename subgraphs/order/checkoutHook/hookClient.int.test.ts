import { newSecret } from '../../shared/webhooks/secretBox';
import { createHookClient } from './hookClient';
import { type HookServer, isSignedWith, startHookServer } from './test/hookServer';

let server: HookServer;
beforeAll(async () => {
  server = await startHookServer();
});
afterAll(() => server?.close());

const secrets = [newSecret(), newSecret()];
const question = () => ({ url: server.url, id: 'msg_1', body: '{"version":1}', secrets });

async function ask({ allow = () => true, ...options }: { allow?: () => boolean; timeoutMs?: number } = {}) {
  const client = createHookClient(allow, options);
  const result = await client.ask(question()).catch(({ why, status }) => ({ why, status }));
  await client.close();
  return result;
}

describe('a question to a store’s server', () => {
  it('is not sent to an address that is not public', async () => {
    const before = server.questions.length;
    expect(await ask({ allow: () => false })).toEqual({ why: 'ADDRESS_REFUSED', status: null });
    expect(server.questions).toHaveLength(before);
  });

  it('has failed when the time limit has passed, also within an answer', async () => {
    server.by(() => {});
    expect(await ask({ timeoutMs: 50 })).toEqual({ why: 'TIMED_OUT', status: null });
    server.by((_request, response) => response.writeHead(200).write('{"rates":'));
    expect(await ask({ timeoutMs: 50 })).toMatchObject({ why: 'TIMED_OUT' });
  });

  it('has failed when the connection is closed', async () => {
    server.by((request) => request.socket.destroy());
    expect(await ask()).toEqual({ why: 'UNREACHABLE', status: null });
  });

  it('does not follow redirects', async () => {
    server.by((_request, response) => response.writeHead(307, { location: server.url }).end());
    const before = server.questions.length;
    expect(await ask()).toEqual({ why: 'WRONG_STATUS', status: 307 });
    expect(server.questions).toHaveLength(before + 1);
  });

  it.each([
    ['is no JSON', '<html>'],
    ['is too large', `"${'x'.repeat(256 * 1024)}"`],
  ])('has failed when the answer %s', async (_what, text) => {
    server.by((_request, response) => response.end(text));
    expect(await ask()).toEqual({ why: 'INVALID_ANSWER', status: 200 });
  });

  it('is signed with each secret, and gives the JSON of the answer', async () => {
    server.answers({ rates: [] });
    expect(await ask()).toEqual({ rates: [] });
    const asked = server.questions.at(-1);
    if (!asked) throw new Error('Nothing was asked');
    expect(secrets.map((secret) => isSignedWith(secret, asked))).toEqual([true, true]);
    expect(isSignedWith(newSecret(), asked)).toBe(false);
  });
});
