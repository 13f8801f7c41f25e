import { DEMO_STORES, type DemoStore } from '../demoStores';

/** As whom a demo store can be looked at. */
export const DEMO_ROLES = ['admin', 'member', 'customer', 'visitor'] as const;

export type DemoRole = (typeof DEMO_ROLES)[number];

/** Signs a token as the stand-in for Clerk does. */
export type TokenOf = (store: DemoStore, role: Exclude<DemoRole, 'visitor'>) => string;

export interface DemoCaller {
  store: DemoStore;
  role: DemoRole;
  /** What makes a request this caller's. A token is signed anew for each page. */
  headers: Record<string, string>;
}

/** Of an explorer's address: `?store=nike&role=admin`; by default the store of the host, or else the first, and its admin. */
export function demoCallerOf(query: URLSearchParams, host: string, tokenOf: TokenOf): DemoCaller {
  const slug = query.get('store') ?? host.split('.', 1)[0];
  const store = DEMO_STORES.find((demo) => demo.slug === slug) ?? DEMO_STORES[0];
  if (!store) throw new Error('There is no demo store');
  const role = DEMO_ROLES.find((name) => name === query.get('role')) ?? 'admin';
  const domain = { 'X-Store-Domain': `${store.slug}.localhost` };
  if (role === 'visitor') return { store, role, headers: domain };
  return { store, role, headers: { ...domain, Authorization: `Bearer ${tokenOf(store, role)}` } };
}

/** What is good to begin with. */
export const queryFor = (role: DemoRole): string => (role === 'admin' || role === 'member' ? FOR_STAFF : FOR_SHOPPERS);

const FOR_STAFF = `# The store comes from the tenant subgraph, its orders from the order subgraph, and their products from the product subgraph.
query Orders {
  currentTenant {
    name
    settings {
      defaultCurrency
    }
  }
  orders(first: 3, reverse: true) {
    nodes {
      number
      status
      total {
        amount
        currencyCode
      }
      items {
        productName
        quantity
        product {
          name
          categories {
            name
          }
        }
        variant {
          sku
          quantityAvailable
        }
      }
    }
  }
}
`;
const FOR_SHOPPERS = `query Products {
  currentTenant {
    name
  }
  products(first: 3) {
    nodes {
      name
      description
      priceRange {
        min {
          amount
          currencyCode
        }
      }
      variants(first: 2) {
        nodes {
          sku
          quantityAvailable
        }
      }
    }
  }
}
`;
