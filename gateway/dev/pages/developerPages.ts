import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { GatewayEnv } from '../../env';
import { answerBrowsers } from '../../http/browserPages';
import { PLAIN_PAGE } from '../../http/plainPages';
import { STAND_IN_ISSUER } from '../clerkStandIn';
import { demoCallerOf, type TokenOf } from './demoCallers';
import { ASSETS, explorerPage } from './explorerPage';
import { homePage } from './homePage';

const DOCS = join(__dirname, '..', '..', '..', 'docs');
const LOOPBACK = /^(?:::1|(?:::ffff:)?127\.\d+\.\d+\.\d+)$/;
const LOCAL_HOST = /^(?:localhost|[\w-]+\.localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/;

/**
 * What a developer's browser gets from the gateway that `npm start` runs: a page with the demo stores, an explorer with their tokens, and
 * the documentation. Nothing of it is in the image.
 */
export function developerPages(env: GatewayEnv, tokenOf: TokenOf): (app: FastifyInstance) => void {
  const hasDemoStores = env.CLERK_ISSUERS.includes(STAND_IN_ISSUER);
  return (app) => {
    answerBrowsers(app, {
      '/': (request) =>
        hasDemoStores && isLocal(request) ? homePage(request.headers.host ?? '', listDocs()) : PLAIN_PAGE,
      '/graphql': (request) => {
        const query = new URLSearchParams(request.url.split('?')[1]);
        const showsDemo = hasDemoStores && isLocal(request);
        const caller = showsDemo ? demoCallerOf(query, request.headers.host ?? '', tokenOf) : null;
        return explorerPage(caller, query);
      },
    });
    const files: Record<string, [type: string, read: () => string]> = {
      [ASSETS.script]: ['text/javascript', () => readFileSync(join(__dirname, 'explorer.js'), 'utf8')],
      [ASSETS.graphiql]: ['text/javascript', () => graphiql().js],
      [ASSETS.style]: ['text/css', () => graphiql().css + readFileSync(join(__dirname, 'explorer.css'), 'utf8')],
    };
    for (const [path, [type, read]] of Object.entries(files)) {
      app.get(path, (_request, reply) => reply.type(`${type}; charset=utf-8`).send(read()));
    }
    app.get<{ Params: { file: string } }>('/docs/:file', (request, reply) => {
      const { file } = request.params;
      if (!listDocs().some((doc) => doc.file === file)) return reply.callNotFound();
      return reply.type('text/plain; charset=utf-8').send(readFileSync(join(DOCS, file), 'utf8'));
    });
  };
}

/** A megabyte and a half, and only of use to a browser that asks for it. */
const graphiql = (): typeof import('@graphql-yoga/render-graphiql/graphiql') =>
  require('@graphql-yoga/render-graphiql/graphiql');

/**
 * Tokens are shown on this machine only: not to another that reaches the gateway, and not to a page of another domain whose name was made
 * to lead to this machine (DNS rebinding).
 */
const isLocal = ({ raw, headers }: FastifyRequest): boolean =>
  LOOPBACK.test(raw.socket.remoteAddress ?? '') && LOCAL_HOST.test(headers.host ?? '');

function listDocs(): { file: string; title: string }[] {
  return readdirSync(DOCS)
    .filter((file) => file.endsWith('.md'))
    .map((file) => ({ file, title: /^# (.*)$/m.exec(readFileSync(join(DOCS, file), 'utf8'))?.[1] ?? file }));
}
