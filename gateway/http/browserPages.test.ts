import fastify from 'fastify';
import { answerBrowsers } from './browserPages';
import { PLAIN_PAGES } from './plainPages';

const BROWSER = {
  host: 'localhost:3000',
  accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
  'sec-fetch-dest': 'document',
};

/** A gateway of which only the pages are there, behind a CORS plugin that allows everything. */
function serve() {
  const app = fastify();
  app.addHook('onRequest', async (_request, reply) => void reply.header('access-control-allow-origin', '*'));
  answerBrowsers(app, PLAIN_PAGES);
  for (const url of ['/', '/graphql']) app.route({ method: ['GET', 'POST'], url, handler: async () => 'the API' });
  return app;
}

describe('a page', () => {
  it.each([
    ['a program that takes anything', { accept: '*/*' }],
    ['a program that takes JSON', { accept: 'application/json' }],
    ['a program that would rather have HTML than JSON', { accept: 'text/html, application/graphql-response+json' }],
    ["another site's script", { origin: 'https://evil.example' }],
    ['a script that says it wants HTML', { 'sec-fetch-dest': 'empty' }],
    ['a frame of another site', { 'sec-fetch-dest': 'iframe' }],
  ])('is not what %s gets', async (_who, headers) => {
    for (const url of ['/', '/graphql']) {
      expect((await serve().inject({ url, headers: { ...BROWSER, ...headers } })).body).toBe('the API');
    }
  });

  it('is not the answer to a POST', async () => {
    expect((await serve().inject({ method: 'POST', url: '/graphql', headers: BROWSER })).body).toBe('the API');
  });

  it('is read by no script of another origin, kept by no cache, framed by nobody, and loads nothing that it does not name', async () => {
    const { headers } = await serve().inject({ url: '/graphql', headers: BROWSER });
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
    });
    expect(headers).not.toHaveProperty('access-control-allow-origin');
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|\*/);
  });
});

describe('in production', () => {
  it.each(['/', '/graphql'])('%s says that it is an API, and runs no script', async (url) => {
    const { body, headers, statusCode } = await serve().inject({ url, headers: BROWSER });
    expect(statusCode).toBe(200);
    expect(body).toContain('POST /graphql');
    expect(body).not.toMatch(/<script|localhost/);
    expect(headers['content-security-policy']).not.toContain('script-src');
  });
});
