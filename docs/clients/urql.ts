import { Client, cacheExchange, fetchExchange } from '@urql/core';
import { persistedExchange } from '@urql/exchange-persisted';
import { type GetToken, storeFetch } from './storeFetch';

/** @param store the address of the store's storefront, such as nike.localhost; null for a dashboard, whose token names the store. */
export function createUrqlClient(url: string, store: string | null, getToken: GetToken): Client {
  return new Client({
    url,
    fetch: storeFetch(getToken),
    fetchOptions: { headers: store === null ? {} : { 'x-store-domain': store } },
    preferGetMethod: false,
    exchanges: [cacheExchange, persistedExchange({ preferGetForPersistedQueries: false }), fetchExchange],
  });
}
