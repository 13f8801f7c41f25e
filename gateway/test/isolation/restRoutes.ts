import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSchema } from 'graphql';
import { type CompiledRoute, compileRoute } from '../../rest/compileRoute';
import { addressesOf, REST_ROUTES } from '../../rest/routeTable';
import { argumentsOf } from './argumentsOf';
import { listOperations, type Operation } from './operations';
import { internalHeaders, type Route } from './routes';

const schema = buildSchema(readFileSync(join(__dirname, '..', '..', 'schema.graphql'), 'utf8'));

/** What an operation's input needs that its type does not say, to get as far as looking for the object. */
const ALSO: Record<string, Variables> = {
  'Mutation.orderFulfill': { idempotencyKey: 'a-key-of-this-route' },
  'Mutation.orderPaymentCapture': { idempotencyKey: 'a-key-of-this-route' },
  'Mutation.cartShippingAddressUpdate': { shippingAddress: null },
  'Mutation.cartBillingAddressUpdate': { billingAddress: null },
  'Mutation.cartBuyerIdentityUpdate': { email: null },
  'Mutation.cartBuyerNoteUpdate': { buyerNote: null },
  'Mutation.productImageAdd': { url: 'https://example.com/x.png' },
  'Mutation.discountCodesCreate': { codes: ['WELCOME'] },
};

/**
 * The routes of the REST API, each asked for the object that its address names, with all else valid. What else an operation may name is
 * asked by GraphQL: a route is executed as one.
 */
export function restRoutes(): Record<string, Route> {
  const operations = new Map(listOperations().map((operation) => [`${operation.type}.${operation.name}`, operation]));
  const routes: Record<string, Route> = {};
  for (const route of REST_ROUTES) {
    const compiled = compileRoute(route, schema);
    const operation = operations.get(route.operation.split('.').slice(0, 2).join('.'));
    if (!compiled || !operation) throw new Error(`No operation: ${route.operation}`);
    for (const address of addressesOf(route)) {
      const url = address.replace(/\{(\w+)\}/g, ':$1');
      routes[`gateway ${route.method} ${url}`] = address.includes('{')
        ? namesAnObject(compiled, operation, address)
        : namesTheStoreAlone(compiled, address);
    }
  }
  return routes;
}

function namesAnObject(compiled: CompiledRoute, operation: Operation, address: string): Route {
  const [named] = compiled.inputs.filter((input) => input.in === 'path');
  const leaf = operation.leaves.find(({ path }) => path.join('.') === named?.target.join('.'));
  if (!leaf) throw new Error(`${address} names nothing of a store`);
  return {
    asks: {
      [`\`${named?.name}\` (${leaf.kind}) in the address`]: [
        404,
        ({ origin, method, mine }, { names }) => {
          const value = names(leaf.kind);
          const unique = randomUUID().slice(0, 8);
          const made = argumentsOf(operation, leaf, value, mine.names, mine.names, unique);
          const also = ALSO[compiled.route.operation];
          const variables = { ...made, ...(also && { input: { ...(made.input as Variables), ...also } }) };
          return send(origin, address, method, compiled, variables, mine.store.admin);
        },
      ],
    },
  };
}

/** A change is refused before it is made: that its operation changes the caller's own store is asked by GraphQL. */
function namesTheStoreAlone({ route }: CompiledRoute, address: string): Route {
  const isRead = route.method === 'GET';
  const title = isRead
    ? '`x-tenant-id` and `x-user-role`'
    : '`x-tenant-id` and `x-user-role`, with a field that there is not';
  return {
    asks: {
      [title]: [
        isRead ? (route.path === '/carts/mine' ? 404 : 200) : 400,
        ({ origin, method, mine }, names) =>
          fetch(`${origin}${address}`, {
            method,
            headers: { ...mine.store.admin, ...internalHeaders(names), 'content-type': 'application/json' },
            ...(!isRead && { body: JSON.stringify({ storeId: 'x' }) }),
          }),
      ],
    },
  };
}

type Variables = Record<string, unknown>;

/** What a client sends whose request has these variables. */
function send(
  origin: string,
  address: string,
  method: string,
  { inputs, body }: CompiledRoute,
  variables: Variables,
  headers: Record<string, string>,
): Promise<Response> {
  const at = (target: readonly string[]) =>
    target.reduce<unknown>((value, name) => (value as Variables | undefined)?.[name], variables);
  const url = new URL(
    address.replace(/\{(\w+)\}/g, (_all, name) =>
      encodeURIComponent(String(at(inputs.find((input) => input.in === 'path' && input.name === name)?.target ?? []))),
    ),
    origin,
  );
  const sent: Record<string, string> = { ...headers };
  for (const input of inputs) {
    const value = at(input.target);
    if (value === undefined || input.in === 'path') continue;
    if (input.in === 'query') for (const one of [value].flat()) url.searchParams.append(input.name, String(one));
    else sent[input.name] = input.name === 'if-match' ? `"${value}"` : String(value);
  }
  const content = Object.fromEntries((body ?? []).map(({ name, target }) => [name, at(target)]));
  return fetch(url, {
    method,
    headers: { ...sent, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(content) }),
  });
}
