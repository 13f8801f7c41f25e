import { escapeHtml, type Page, renderPage } from '../../http/browserPages';
import { DEMO_STORES, type DemoStore } from '../demoStores';
import { DEMO_ROLES } from './demoCallers';

/** `http://localhost:3000/`: what runs here, and ways into it. @param docs names of files in docs/ with their titles. */
export function homePage(host: string, docs: { file: string; title: string }[]): Page {
  const port = /:\d+$/.exec(host)?.[0] ?? '';
  const origin = `http://localhost${port}`;
  return renderPage(
    'Multistore supergraph',
    `<main>
<h1>Multistore supergraph</h1>
<p>A back end for a commerce platform of many stores, as one GraphQL graph, running on this machine. Three demo stores are in it; no store can
see another's data.</p>

<h2>Look at a store as…</h2>
<div class="cards">${DEMO_STORES.map((store) => cardOf(store, port)).join('')}</div>
<p class="faint">Each opens an editor for queries, Apollo Sandbox or GraphiQL, with the store's address and a token of that person filled in.</p>

<h2>From a program</h2>
<pre><code>${escapeHtml(CURL(origin))}</code></pre>
<p>Browsers and curl find <code>*.localhost</code> on this machine. Node's <code>fetch</code> and most other clients do not: send requests to
<code>${origin}/graphql</code> with the header <code>X-Store-Domain: nike.localhost</code>.</p>

<h2>Documentation</h2>
<ul>${docs.map(({ file, title }) => `<li><a href="/docs/${file}">${escapeHtml(title)}</a> <span class="faint">docs/${file}</span></li>`).join('')}</ul>
</main>`,
  );
}

function cardOf({ slug, name }: DemoStore, port: string): string {
  const links = DEMO_ROLES.map((role) => `<a href="/graphql?store=${slug}&amp;role=${role}">${role}</a>`);
  return `<div class="card"><h3>${escapeHtml(name)}</h3>
<p class="faint">http://${slug}.localhost${port}</p>
<div class="roles">${links.join('')}</div></div>`;
}

const CURL = (origin: string) => `curl -s ${origin}/graphql \\
  -H "Authorization: Bearer $(npm run -s token -- --store nike --role admin)" \\
  -H 'Content-Type: application/json' \\
  -d '{"query":"{ currentTenant { name } orders(first: 1, reverse: true) { nodes { number status } } }"}'`;
