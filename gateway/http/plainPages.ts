import { type Pages, renderPage } from './browserPages';

/** Where the gateway serves strangers: nothing of the schema, of a store or of the request is on it. */
export const PLAIN_PAGE = renderPage(
  'GraphQL API',
  `<main>
<h1>GraphQL API</h1>
<p>This is the address of a GraphQL API, for programs. There is nothing to see here in a browser.</p>
<h2>Requests</h2>
<ul>
<li><code>POST /graphql</code> with <code>Content-Type: application/json</code> and <code>{"query": "…", "variables": {…}}</code></li>
<li>The store is the one of the host that is asked, or of the header <code>X-Store-Domain</code>.</li>
<li>Who is signed in sends their session token: <code>Authorization: Bearer …</code></li>
</ul>
</main>`,
);

export const PLAIN_PAGES: Pages = { '/': () => PLAIN_PAGE, '/graphql': () => PLAIN_PAGE };
