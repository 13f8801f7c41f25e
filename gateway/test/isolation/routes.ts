import { randomBytes } from 'node:crypto';
import Stripe from 'stripe';
import { Webhook } from 'svix/dist/webhook';
import { CALLER_HEADERS, type Receiver, serviceCaller, signCaller } from '../../../subgraphs/shared/caller';
import { EVENT_CONTENT_TYPE, writeEvent } from '../../../subgraphs/shared/events/domainEvent';
import { createEventSigner, EVENT_SIGNATURE_HEADER } from '../../../subgraphs/shared/events/eventSigner';
import { sourceOf } from '../../../subgraphs/shared/events/transport';
import { newId } from '../../../subgraphs/shared/ids';
import { organizationData } from '../../dev/webhook';
import { CALLER_SIGNING_KEY, STRIPE_WEBHOOK_SECRET, WEBHOOK_SECRET } from '../startSupergraph';
import { type Addresses, type FullStore, inItsPlace } from './stores';

/** The identifiers to use: another store's, or unknown ones. */
export interface ForeignNames {
  org: string;
  /** A store's address, for `x-store-domain`. */
  host: string;
  /** Its files, by the address that leads to each. */
  files: Addresses;
  /** One of its objects, by the prefix of its id or another kind of stores.ts. */
  names(kind: string): string | number;
}

/** A request: one method of one route of one service, and its sender. */
interface Asking {
  mine: FullStore;
  service: Receiver;
  /** Such as http://127.0.0.1:3000 */
  origin: string;
  method: string;
}

type Send = (at: Asking, names: ForeignNames) => Promise<Response>;
/** The expected status, which shows that the request reached the check of the store, and its result. */
type Ask = [status: number, send: Send];

export interface Route {
  /** The kinds of another store's identifiers that the route accepts; empty when it accepts none. */
  asks: Record<string, Ask>;
  /** Answers that differ from those for an unknown identifier, and why that reveals nothing. */
  told?: Record<string, string>;
}

const NAMES_NOTHING: Route = { asks: {} };

/** A signed caller of the own store, whose tenant id was replaced by another store's. */
const anothersEnvelope =
  (path: string, content: object): Send =>
  (at, { org }) =>
    post(at, path, JSON.stringify(content), { tenant: { [CALLER_HEADERS.tenantId]: org } });

const straightToGraph: Route = {
  asks: { '`x-tenant-id` of a signed caller': [401, anothersEnvelope('/graphql', { query: '{ __typename }' })] },
};

const lifecycle: Route = {
  asks: {
    '`x-tenant-id` of a signed caller, to export': [401, anothersEnvelope('/internal/lifecycle', { action: 'export' })],
    '`x-tenant-id` of a signed caller, to erase': [401, anothersEnvelope('/internal/lifecycle', { action: 'erase' })],
    'a store beside the order to export one’s own': [
      200,
      (at, { org }) =>
        post(at, '/internal/lifecycle', JSON.stringify({ action: 'export', tenantId: org, tenant_id: org })),
    ],
  },
};

const events: Route = {
  asks: {
    '`x-tenant-id` of a signed caller': [
      401,
      (at, { org }) => postEvent(at, at.mine.store.id, { [CALLER_HEADERS.tenantId]: org }),
    ],
    'an event of its, proven, in the envelope of one’s own': [400, (at, { org }) => postEvent(at, org)],
  },
};

const clerk = (path: string): Route => ({
  asks: {
    'a delivery about it that another key has signed': [
      400,
      (at, { org }) => deliver(at, path, deliveryOfClerk(org), `whsec_${randomBytes(24).toString('base64')}`),
    ],
    'a delivery about it with the signature of one’s own': [
      400,
      (at, { org }) => deliver(at, path, deliveryOfClerk(at.mine.store.id), WEBHOOK_SECRET, deliveryOfClerk(org)),
    ],
  },
});

const stripe = (path: string): Route => ({
  asks: {
    'a delivery about it that another key has signed': [
      400,
      (at, { org }) => deliverStripe(at, path, deliveryOfStripe(org), 'whsec_of_somebody_else_altogether'),
    ],
    'a delivery about it with the signature of one’s own': [
      400,
      (at, { org }) =>
        deliverStripe(at, path, deliveryOfStripe(at.mine.store.id), STRIPE_WEBHOOK_SECRET, deliveryOfStripe(org)),
    ],
  },
});

/** The address of an own file, in which the store, the file, or both were replaced. */
const files = (kind: keyof Addresses): Route => {
  const ask = (of: (names: ForeignNames) => { org?: string; file?: string }): Ask => [
    404,
    (at, names) => {
      const address = inItsPlace(at.mine.addresses[kind], of(names));
      const size = Number(new URL(address, at.origin).searchParams.get('size'));
      return fetch(`${at.origin}${address}`, {
        method: at.method,
        ...(at.method === 'PUT' && { headers: { 'content-type': 'image/png' }, body: 'x'.repeat(size) }),
      });
    },
  ];
  const fileOf = ({ files: addresses }: ForeignNames) => addresses[kind].split('/')[5] ?? '';
  return {
    asks: {
      [`the store in the address of ${kind}`]: ask(({ org }) => ({ org })),
      [`the file in the address of ${kind}`]: ask((names) => ({ file: fileOf(names) })),
      [`store and file in the address of ${kind}`]: ask((names) => ({ org: names.org, file: fileOf(names) })),
    },
  };
};

/** Headers that a client must not be able to set. */
export const internalHeaders = ({ org }: Pick<ForeignNames, 'org'>) => ({
  [CALLER_HEADERS.tenantId]: org,
  [CALLER_HEADERS.role]: 'SERVICE',
});

const GRAPH = {
  query: '{ currentTenant { id name members(first: 3) { nodes { id } } } orders(first: 3) { nodes { id } } }',
};

/**
 * Every route of every service, except those of the REST API, which restRoutes.ts has, as `<service> <method> <path>`, and how it can be asked for another store's data. The list is compared
 * with the routes of the running servers: a missing route fails the test, and so does a surplus one.
 */
export const ROUTES: Record<string, Route> = {
  'gateway GET /graphql': {
    asks: {
      '`x-tenant-id` and `x-user-role`': [
        200,
        ({ origin, method, mine }, names) =>
          fetch(`${origin}/graphql?query=${encodeURIComponent(GRAPH.query)}`, {
            method,
            headers: { 'apollo-require-preflight': '1', ...mine.store.admin, ...internalHeaders(names) },
          }),
      ],
    },
  },
  'gateway POST /graphql': {
    asks: {
      '`x-tenant-id` and `x-user-role`': [
        200,
        ({ origin, mine }, names) =>
          fetch(`${origin}/graphql`, {
            method: 'POST',
            headers: { 'content-type': 'application/json', ...mine.store.admin, ...internalHeaders(names) },
            body: JSON.stringify(GRAPH),
          }),
      ],
    },
  },
  'gateway OPTIONS *': {
    asks: {
      '`origin` of a browser and `x-store-domain`': [
        204,
        ({ origin }, { host }) =>
          fetch(`${origin}/graphql`, {
            method: 'OPTIONS',
            headers: { origin: `https://${host}`, 'access-control-request-method': 'POST', 'x-store-domain': host },
          }),
      ],
    },
  },
  'gateway GET /api/export': {
    asks: {
      '`x-store-domain`': [
        403,
        ({ origin, method, mine }, { host }) =>
          fetch(`${origin}/api/export`, { method, headers: { ...mine.store.admin, 'x-store-domain': host } }),
      ],
      '`x-tenant-id` and `x-user-role`': [
        200,
        ({ origin, method, mine }, names) =>
          fetch(`${origin}/api/export`, { method, headers: { ...mine.store.admin, ...internalHeaders(names) } }),
      ],
    },
    told: { '`x-store-domain`': 'a store’s address is public: FORBIDDEN, and not STORE_NOT_FOUND' },
  },
  'gateway GET /media/*': { asks: { ...files('image').asks, ...files('exported').asks } },
  'gateway PUT /media/uploads/*': files('upload'),
  'gateway POST /api/webhooks/clerk': clerk('/api/webhooks/clerk'),
  'gateway POST /api/webhooks/stripe': stripe('/api/webhooks/stripe'),
  'gateway POST /internal/events': events,
  'gateway GET /api/openapi.json': NAMES_NOTHING,
  'gateway GET /api/docs': NAMES_NOTHING,
  'gateway GET /api/docs/start.js': NAMES_NOTHING,
  'gateway GET /api/docs/swagger-ui-bundle.js': NAMES_NOTHING,
  'gateway GET /api/docs/swagger-ui.css': NAMES_NOTHING,
  'gateway GET /healthz': NAMES_NOTHING,
  'gateway GET /readyz': NAMES_NOTHING,
  'gateway GET /schema.graphql': NAMES_NOTHING,
  'gateway GET /metrics': NAMES_NOTHING,
  'tenant POST /webhooks/clerk': clerk('/webhooks/clerk'),
  'tenant GET /webhooks/clerk/counts': NAMES_NOTHING,
  'order POST /webhooks/stripe': stripe('/webhooks/stripe'),
  'product GET /media/images/:signature/:tenantId/:fileId/:name': files('image'),
  'product GET /media/exports/:signature/:tenantId/:fileId/:expires/:name': files('exported'),
  'product PUT /media/uploads/files/:tenantId/:fileId/upload': files('upload'),
  ...Object.fromEntries(
    ['tenant', 'product', 'order'].flatMap((subgraph): [string, Route][] => [
      [`${subgraph} POST /graphql`, straightToGraph],
      [`${subgraph} POST /internal/lifecycle`, lifecycle],
      [`${subgraph} POST /internal/events`, events],
      [`${subgraph} GET /healthz`, NAMES_NOTHING],
      [`${subgraph} GET /readyz`, NAMES_NOTHING],
      [`${subgraph} GET /metrics`, NAMES_NOTHING],
    ]),
  ),
};

/** A request of a service for the own store, after `tampered` has changed it. */
function post(
  { mine, service, origin }: Asking,
  path: string,
  body: string,
  { tenant = {}, more = {} }: { tenant?: Record<string, string>; more?: Record<string, string> } = {},
): Promise<Response> {
  const signed = signCaller(serviceCaller(mine.store.id, 'isolation'), service, body, CALLER_SIGNING_KEY);
  return fetch(`${origin}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...signed, ...tenant, ...more },
    body,
  });
}

function postEvent(at: Asking, org: string, tenant: Record<string, string> = {}): Promise<Response> {
  const event = {
    id: newId('evt'),
    type: 'tenant.deleted',
    tenantId: org,
    aggregateType: 'tenant',
    aggregateId: org,
    aggregateVersion: 1_000,
    previousVersion: null,
    dataVersion: 1,
    time: new Date().toISOString(),
    traceParent: null,
    data: {},
  };
  const body = writeEvent(event, sourceOf('tenant'));
  const proof = createEventSigner(CALLER_SIGNING_KEY).sign('tenant', org, body);
  return post(at, '/internal/events', body, {
    tenant,
    more: { 'content-type': EVENT_CONTENT_TYPE, [EVENT_SIGNATURE_HEADER]: proof },
  });
}

function deliveryOfClerk(org: string): string {
  const data = organizationData({ id: org, name: 'Taken over', slug: 'taken-over' });
  return JSON.stringify({ data, object: 'event', timestamp: Date.now(), type: 'organization.updated' });
}

/** @param sent in the place of what was signed. */
function deliver({ origin }: Asking, path: string, signed: string, secret: string, sent = signed): Promise<Response> {
  const [id, now] = [`msg_${randomBytes(12).toString('hex')}`, new Date()];
  return fetch(`${origin}${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'svix-id': id,
      'svix-timestamp': String(Math.floor(now.getTime() / 1000)),
      'svix-signature': new Webhook(secret).sign(id, now, signed),
    },
    body: sent,
  });
}

function deliveryOfStripe(org: string): string {
  const object = { id: 'pi_1', object: 'payment_intent', metadata: { tenant_id: org, order_id: newId('ord') } };
  const event = { id: `evt_${randomBytes(8).toString('hex')}`, object: 'event', type: 'payment_intent.succeeded' };
  return JSON.stringify({ ...event, account: 'acct_1', data: { object } });
}

/** @param sent in the place of what was signed. */
function deliverStripe({ origin }: Asking, path: string, signed: string, secret: string, sent = signed) {
  const signature = Stripe.webhooks.generateTestHeaderString({ payload: signed, secret });
  return fetch(`${origin}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'stripe-signature': signature },
    body: sent,
  });
}
