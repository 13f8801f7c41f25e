import { DEMO_STORES } from './demoStores';
import type { LocalPorts } from './localPlatform';
import { localToken } from './token';

/** What `npm start` prints at its end: addresses, a token, and a query to paste. */
export function welcome({ gateway }: LocalPorts): string {
  const [nike] = DEMO_STORES;
  if (!nike) throw new Error('There is no demo store');
  const origin = `http://localhost:${gateway}`;
  const query =
    '{ currentTenant { name settings { defaultCurrency locale } } orders(first: 3, reverse: true) { nodes { number status total { amount currencyCode } items { productName quantity product { name categories { name } } variant { sku quantityAvailable } } } } }';
  return `
The platform runs.

  Browser   ${origin}   (the stores, and an editor for queries with their tokens)
  GraphQL   ${origin}/graphql
  Stores    ${DEMO_STORES.map(({ slug }) => `http://${slug}.localhost:${gateway}`).join('  ')}

Browsers and curl find *.localhost on this machine; Node's fetch, and most other clients, do not (ENOTFOUND). There, send
requests to ${origin}/graphql with the header X-Store-Domain: ${nike.slug}.localhost

A token for Nike's admin, valid for 12 hours (another: npm run -s token -- --store adidas --role member):

${localToken(nike, 'admin')}

A query that crosses the three subgraphs:

curl -s ${origin}/graphql \\
  -H "Authorization: Bearer $(npm run -s token -- --store nike --role admin)" \\
  -H 'Content-Type: application/json' \\
  -d '{"query":"${query}"}'

Ctrl-C stops everything. What is in the databases stays.
`;
}

/** The same where people sign in with a Clerk instance of the developer's own: there are no demo stores. */
export function welcomeWithClerk({ gateway }: LocalPorts): string {
  const origin = `http://localhost:${gateway}`;
  return `
The platform runs, with the Clerk instance of your .env.

  GraphQL   ${origin}/graphql   (in a browser: an editor for queries)
  Webhook   ${origin}/api/webhooks/clerk

Ctrl-C stops everything. What is in the databases stays.
`;
}
