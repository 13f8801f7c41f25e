import { escapeHtml, type Page, renderPage } from '../../http/browserPages';
import { DEMO_STORES } from '../demoStores';
import { DEMO_ROLES, type DemoCaller, queryFor } from './demoCallers';

/** The addresses that the page's own files are at. */
export const ASSETS = {
  script: '/explorer/explorer.js',
  graphiql: '/explorer/graphiql.js',
  style: '/explorer/explorer.css',
};

/** https://www.apollographql.com/docs/graphos/platform/sandbox#embedding-sandbox */
const SANDBOX_SCRIPT = 'https://embeddable-sandbox.cdn.apollographql.com/v2/embeddable-sandbox.umd.production.min.js';
const SANDBOX_FRAME = 'https://sandbox.embed.apollographql.com';

const TOOLS = ['sandbox', 'graphiql'] as const;

/**
 * `/graphql` in a developer's browser: Apollo Sandbox, or GraphiQL where there is no internet or it is asked for.
 * @param caller whose headers are filled in; null where people sign in with a Clerk instance of the developer's own.
 */
export function explorerPage(caller: DemoCaller | null, query: URLSearchParams): Page {
  const tool = TOOLS.find((name) => name === query.get('tool')) ?? 'sandbox';
  const config = {
    tool,
    sandboxScript: SANDBOX_SCRIPT,
    graphiqlScript: ASSETS.graphiql,
    headers: caller?.headers ?? { Authorization: 'Bearer <a session token of your Clerk instance>' },
    document: queryFor(caller?.role ?? 'visitor'),
  };
  const page = renderPage(
    caller ? `${caller.store.name}, as ${caller.role}` : 'GraphQL',
    `<nav>${linksOf(caller, tool)}</nav>
<div id="explorer"></div>
<noscript>This page needs JavaScript.</noscript>
<script type="application/json" id="config">${JSON.stringify(config).replaceAll('<', '\\u003c')}</script>
<script src="${ASSETS.script}" defer></script>`,
    `<link rel="stylesheet" href="${ASSETS.style}">`,
  );
  return {
    ...page,
    policy: {
      'script-src': `'self' ${new URL(SANDBOX_SCRIPT).origin}`,
      'style-src': `'self' ${page.policy['style-src']}`,
      'frame-src': SANDBOX_FRAME,
      'connect-src': "'self'",
      'img-src': "'self' data:",
      'font-src': 'data:',
    },
  };
}

function linksOf(caller: DemoCaller | null, tool: string): string {
  const link = (text: string, parameters: Record<string, string>, isCurrent: boolean) => {
    const all = { ...(caller && { store: caller.store.slug, role: caller.role }), tool, ...parameters };
    const current = isCurrent ? ' aria-current="page"' : '';
    return `<a class="plain" href="/graphql?${escapeHtml(new URLSearchParams(all).toString())}"${current}>${escapeHtml(text)}</a>`;
  };
  const groups = [
    DEMO_STORES.map(({ slug, name }) => link(name, { store: slug }, slug === caller?.store.slug)),
    DEMO_ROLES.map((role) => link(role, { role }, role === caller?.role)),
  ];
  const tools = TOOLS.map((name) => link(name === 'sandbox' ? 'Sandbox' : 'GraphiQL', { tool: name }, name === tool));
  const shown = [...(caller ? groups : []), tools];
  return `<a href="/" class="home">Stores</a>${shown.map((links) => `<span class="roles">${links.join('')}</span>`).join('')}`;
}
