import fastify from 'fastify';
import { clientAddressOf, networkOf, trustedBy } from './clientAddress';

/** The address that a server behind these proxies takes a request's client for. */
async function seenBy(trusted: string[], remoteAddress: string, forwarded: string[]): Promise<string> {
  const networks = trusted.map(networkOf).filter((network) => network !== null);
  const app = fastify({ trustProxy: trustedBy(networks) });
  app.addHook('onRequest', async ({ raw }) => {
    Object.defineProperty(raw.socket, 'remoteAddress', { value: remoteAddress || undefined });
  });
  app.get('/', (request) => clientAddressOf(request));
  const headers = forwarded.length > 0 ? { 'x-forwarded-for': forwarded } : {};
  return (await app.inject({ url: '/', headers })).body;
}

describe('H5 who is asking', () => {
  test.each<[string, string, string[], string[], string]>([
    [
      'is the other end where no proxy is trusted, whatever it says',
      '203.0.113.9',
      ['198.51.100.1'],
      [],
      '203.0.113.9',
    ],
    ['is the other end when that is no trusted one', '203.0.113.9', ['198.51.100.1'], ['10.0.0.0/8'], '203.0.113.9'],
    ['is whom a trusted proxy names', '10.1.2.3', ['198.51.100.1'], ['10.0.0.0/8'], '198.51.100.1'],
    ['is not whom the client names before that', '10.1.2.3', ['1.1.1.1, 198.51.100.1'], ['10.0.0.0/8'], '198.51.100.1'],
    [
      'is not whom the client names in a header of its own',
      '10.1.2.3',
      ['1.1.1.1', '198.51.100.1'],
      ['10.0.0.0/8'],
      '198.51.100.1',
    ],
    [
      'is behind two trusted proxies',
      '10.1.2.3',
      ['1.1.1.1, 198.51.100.1, 192.0.2.7'],
      ['10.0.0.0/8', '192.0.2.7'],
      '198.51.100.1',
    ],
    ['is the proxy that names nobody', '10.1.2.3', [], ['10.0.0.0/8'], '10.1.2.3'],
    ['is the proxy that passes on what is no address', '10.1.2.3', ['1.1.1.1, <script>'], ['10.0.0.0/8'], '10.1.2.3'],
    ['is taken without its port', '10.1.2.3', ['198.51.100.1:4711'], ['10.0.0.0/8'], '198.51.100.1'],
    ['is IPv4 in IPv6 as IPv4', '::ffff:203.0.113.9', [], [], '203.0.113.9'],
    ['is trusted as IPv4 in IPv6, too', '::ffff:10.1.2.3', ['198.51.100.1'], ['10.0.0.0/8'], '198.51.100.1'],
    ['is a whole IPv6 network', '2001:db8:1:2:3:4:5:6', [], [], '2001:db8:1:2::/64'],
    ['is an IPv6 network in brackets', '::1', ['[2001:db8:1:2::9]:443'], ['::1'], '2001:db8:1:2::/64'],
    ['is unknown once the connection is gone', '', ['198.51.100.1'], ['10.0.0.0/8'], 'unknown'],
  ])('%s', async (_title, remote, forwarded, trusted, expected) => {
    expect(await seenBy(trusted, remote, forwarded)).toBe(expected);
  });
});

test.each([['10.0.0.0/33'], ['example.com'], ['10.0.0.0.0'], ['*'], ['']])('%j is no network', (text) => {
  expect(networkOf(text)).toBeNull();
});
