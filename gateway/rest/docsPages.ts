import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import type { Logger } from '../../subgraphs/shared/log';
import { createCompiler } from './compiledRoutes';
import { describeApi } from './openapi';

interface DocsOptions {
  /** As clients see it; null before a supergraph is loaded. */
  schema: () => GraphQLSchema | null;
  log: Logger;
}

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>REST API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/api/docs/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<noscript>This page needs JavaScript. The API is described in <a href="/api/openapi.json">/api/openapi.json</a>.</noscript>
<script src="/api/docs/swagger-ui-bundle.js" defer></script>
<script src="/api/docs/start.js" defer></script>
</body>
</html>
`;
const START = `SwaggerUIBundle({ url: '/api/openapi.json', dom_id: '#swagger-ui', deepLinking: true, docExpansion: 'none', defaultModelsExpandDepth: 0 });
`;
/** Scripts of this gateway alone, and nothing in the page itself that runs. */
const POLICY = [
  ...["default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "connect-src 'self'"],
  ...["base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"],
].join('; ');

/** `GET /api/openapi.json`: the REST API as OpenAPI 3.1, of the supergraph that is being served; `GET /api/docs`: Swagger UI. */
export async function docsPages(app: FastifyInstance, { schema, log }: DocsOptions): Promise<void> {
  const compiledFor = createCompiler(log);
  const written = new WeakMap<GraphQLSchema, string>();

  app.get('/api/openapi.json', async (_request, reply) => {
    const loaded = schema();
    if (!loaded) return reply.code(503).send();
    const text = written.get(loaded) ?? JSON.stringify(describeApi([...compiledFor(loaded).values()]));
    written.set(loaded, text);
    return reply.type('application/json; charset=utf-8').header('cache-control', 'no-cache').send(text);
  });
  app.get('/api/docs', (_request, reply) =>
    reply
      .headers({
        'content-security-policy': POLICY,
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
      })
      .type('text/html; charset=utf-8')
      .send(PAGE),
  );
  const files: Record<string, [type: string, read: () => string]> = {
    'start.js': ['text/javascript', () => START],
    'swagger-ui-bundle.js': [
      'text/javascript',
      () => readFileSync(require.resolve('swagger-ui-dist/swagger-ui-bundle.js'), 'utf8'),
    ],
    'swagger-ui.css': ['text/css', () => readFileSync(require.resolve('swagger-ui-dist/swagger-ui.css'), 'utf8')],
  };
  for (const [name, [type, read]] of Object.entries(files)) {
    // Read once, and only for a browser that asks for it: one and a half megabytes.
    let content: string | undefined;
    app.get(`/api/docs/${name}`, (_request, reply) => {
      content ??= read();
      return reply
        .type(`${type}; charset=utf-8`)
        .headers({ 'cache-control': 'max-age=3600', 'x-content-type-options': 'nosniff' })
        .send(content);
    });
  }
}
