import fastify from 'fastify';
import { readEnv } from '../../env';
import { createStandInKey, STAND_IN_ISSUER } from '../clerkStandIn';
import { developerPages } from './developerPages';

const BROWSER = { host: 'localhost:3000', accept: 'text/html,*/*;q=0.8', 'sec-fetch-dest': 'document' };
const TOKEN = 'a-token-of';
const { publicKey } = createStandInKey();

/** A gateway of which only its pages are there. @param issuers with the stand-in's, it has the demo stores. */
function serve(issuers: string) {
  const app = fastify();
  const env = readEnv({
    TENANT_SUBGRAPH_URL: 'http://127.0.0.1:1/graphql',
    PRODUCT_SUBGRAPH_URL: 'http://127.0.0.1:1/graphql',
    ORDER_SUBGRAPH_URL: 'http://127.0.0.1:1/graphql',
    CALLER_SIGNING_KEY: 'test-signing-key-of-32-characters',
    CLERK_JWT_KEY: publicKey,
    CLERK_ISSUERS: issuers,
  });
  developerPages(env, (store, role) => `${TOKEN}-${store.slug}-${role}`)(app);
  for (const url of ['/', '/graphql']) app.get(url, async () => 'the API');
  return app;
}

const ours = () => serve(STAND_IN_ISSUER);

describe('on a developer’s machine', () => {
  it.each<[string, Record<string, string>, string]>([
    ['to another machine', { host: 'localhost:3000' }, '192.168.1.7'],
    ['to a domain that was made to lead here', { host: 'evil.example:3000' }, '127.0.0.1'],
    ['to a domain that only begins like this machine', { host: 'localhost.evil.example' }, '127.0.0.1'],
  ])('no token is shown %s', async (_whom, headers, remoteAddress) => {
    for (const url of ['/', '/graphql?store=nike&role=admin']) {
      const { body } = await ours().inject({ url, headers: { ...BROWSER, ...headers }, remoteAddress });
      expect(body).toContain('<!doctype html>');
      expect(body).not.toMatch(/a-token-of|nike/i);
    }
  });

  it('there is no token and no demo store where people sign in with Clerk', async () => {
    const { body } = await serve('https://clerk.example.com').inject({ url: '/graphql?store=nike', headers: BROWSER });
    expect(body).not.toMatch(/a-token-of|nike/i);
    expect(body).toContain('explorer.js');
  });

  it.each([
    ['/graphql?store=adidas&role=member', 'localhost:3000', 'adidas', `${TOKEN}-adidas-member`],
    ['/graphql?role=customer', 'puma.localhost:3000', 'puma', `${TOKEN}-puma-customer`],
    ['/graphql', '127.0.0.1:3000', 'nike', `${TOKEN}-nike-admin`],
    ['/graphql?store=%3Cscript%3E&role=%22', '[::1]:3000', 'nike', `${TOKEN}-nike-admin`],
  ])('%s at %s is an explorer with the headers of one caller', async (url, host, slug, token) => {
    const { body } = await ours().inject({ url, headers: { ...BROWSER, host } });
    const config = JSON.parse(/id="config">(.*)<\/script>/.exec(body)?.[1] ?? '');
    expect(config.headers).toEqual({ 'X-Store-Domain': `${slug}.localhost`, Authorization: `Bearer ${token}` });
    expect(body.match(/<script>/g)).toBeNull();
  });

  it('a visitor has no token', async () => {
    const { body } = await ours().inject({ url: '/graphql?role=visitor', headers: BROWSER });
    expect(body).toContain('nike.localhost');
    expect(body).not.toContain(TOKEN);
  });

  it('each link of the first page leads somewhere', async () => {
    const app = ours();
    const { body } = await app.inject({ url: '/', headers: BROWSER });
    const links = [...body.matchAll(/href="(\/[^"]*)"/g)].map(([, href = '']) => href.replaceAll('&amp;', '&'));
    expect(links.length).toBeGreaterThan(15);
    for (const url of new Set(links)) {
      const { statusCode, body: linked } = await app.inject({ url, headers: BROWSER });
      expect([url, statusCode, linked.length > 500]).toEqual([url, 200, true]);
    }
  });

  it.each(['/docs/..%2Fpackage.json', '/docs/decisions', '/docs/none.md'])('%s is nothing', async (url) => {
    expect((await ours().inject({ url, headers: BROWSER })).statusCode).toBe(404);
  });

  it('the explorer has its script, its style and GraphiQL from here', async () => {
    const app = ours();
    const { body } = await app.inject({ url: '/graphql', headers: BROWSER });
    const files = [...body.matchAll(/(?:src|href)="(\/explorer\/[^"]*)"/g)].map(([, path = '']) => path);
    expect(files).toHaveLength(2);
    for (const url of [...files, '/explorer/graphiql.js']) {
      expect((await app.inject({ url })).headers['content-type']).toMatch(/^text\/(javascript|css)/);
    }
  });
});
