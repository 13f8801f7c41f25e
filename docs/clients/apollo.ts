import { ApolloClient, ApolloLink, type FieldPolicy, HttpLink, InMemoryCache } from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { type GetToken, storeFetch } from './storeFetch';

/** A list that grows by `fetchMore({ variables: { after: endCursor } })`. `keyArgs` are the arguments that make it another list. */
const paged = (...keyArgs: string[]): FieldPolicy => ({
  keyArgs,
  merge: (known, page, { args }) => (known && args?.after ? { ...page, nodes: [...known.nodes, ...page.nodes] } : page),
});

const PRODUCTS = paged('where', 'sortKey', 'reverse', 'query', 'includeDescendants');

/**
 * @param store the address of the store's storefront, such as nike.localhost; null for a dashboard, whose token names the store.
 * @param possibleTypes which types Node and UserError have: see below.
 */
export function createApolloClient(
  url: string,
  store: string | null,
  getToken: GetToken,
  possibleTypes: Record<string, string[]>,
): ApolloClient {
  const http = new HttpLink({
    uri: url,
    fetch: storeFetch(getToken),
    ...(store !== null && { headers: { 'x-store-domain': store } }),
  });
  return new ApolloClient({
    // The hash of a query first, and its text only when the API does not know it yet: automatic persisted queries.
    link: ApolloLink.from([new PersistedQueryLink({ sha256 }), http]),
    cache: new InMemoryCache({
      possibleTypes,
      typePolicies: {
        Query: {
          fields: {
            products: PRODUCTS,
            orders: paged('where', 'sortKey', 'reverse', 'query'),
            myOrders: paged(),
            // What a list has loaded, a page about one of it finds.
            product: (known, { args, toReference }) =>
              known ?? (args?.id ? toReference({ __typename: 'Product', id: args.id }) : undefined),
          },
        },
        Category: { fields: { products: PRODUCTS } },
        // Parts of the object that they stand in.
        TenantSettings: { fields: { theme: { merge: true } } },
        Product: { fields: { seo: { merge: true }, priceRange: { merge: true } } },
        Cart: { fields: { cost: { merge: true } } },
        // Its price is that for one cart or address.
        ShippingOption: { keyFields: false },
      },
    }),
  });
}

async function sha256(text: string): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
