import fastify from 'fastify';
import { type Caller, serviceCaller, signCaller } from '../../subgraphs/shared/caller';
import { EVENT_CONTENT_TYPE, writeEvent } from '../../subgraphs/shared/events/domainEvent';
import { createEventSigner, EVENT_SIGNATURE_HEADER } from '../../subgraphs/shared/events/eventSigner';
import { EVENTS_PATH } from '../../subgraphs/shared/events/httpPublisher';
import { createLogger } from '../../subgraphs/shared/log';
import { SIGNING_KEY, visitor } from '../../subgraphs/shared/test/askSubgraph';
import { eventListener } from './eventListener';

const event = {
  id: 'evt_1',
  type: 'tenant.suspended',
  tenantId: 'org_1',
  aggregateType: 'tenant',
  aggregateId: 'org_1',
  aggregateVersion: 2,
  previousVersion: 1,
  dataVersion: 1,
  time: '2026-11-24T12:00:00.000Z',
  traceParent: null,
  data: { by: 'STORE' },
};

async function post(sign: (body: string) => Record<string, string>, source: 'tenant' | 'order' = 'tenant') {
  const app = fastify();
  let changes = 0;
  await app.register(eventListener, {
    signingKey: SIGNING_KEY,
    onStoreChanged: () => {
      changes += 1;
    },
    log: createLogger('test', 'silent'),
  });
  const body = writeEvent(event, '/subgraphs/tenant');
  const headers = { 'content-type': EVENT_CONTENT_TYPE, ...sign(body), ...proofOf(source, body) };
  const { statusCode } = await app.inject({ method: 'POST', url: EVENTS_PATH, headers, body });
  await app.close();
  return { statusCode, changes };
}

const proofOf = (source: 'tenant' | 'order', body: string) => ({
  [EVENT_SIGNATURE_HEADER]: createEventSigner(SIGNING_KEY).sign(source, event.tenantId, body),
});

const signedAs =
  (caller: Caller, audience: 'gateway' | 'tenant' = 'gateway', key = SIGNING_KEY) =>
  (body: string) =>
    signCaller(caller, audience, body, key);

describe('the gateway’s route for events', () => {
  it.each<[string, (body: string) => Record<string, string>, number]>([
    ['without a signature', () => ({}), 401],
    ['signed with another key', signedAs(serviceCaller('org_1', 'test'), 'gateway', 'k'.repeat(32)), 401],
    ['signed for another service', signedAs(serviceCaller('org_1', 'test'), 'tenant'), 401],
    ['with another body than was signed', () => signedAs(serviceCaller('org_1', 'test'))('{}'), 401],
    ['of somebody who is no service', signedAs(visitor('org_1')), 403],
  ])('refuses an event %s', async (_how, sign, statusCode) => {
    expect(await post(sign)).toEqual({ statusCode, changes: 0 });
  });

  it('refuses an event forged by another service, and one of another store', async () => {
    const sign = signedAs(serviceCaller('org_1', 'test'));
    expect(await post(sign, 'order')).toEqual({ statusCode: 400, changes: 0 });
    expect(await post(signedAs(serviceCaller('org_2', 'test')))).toEqual({ statusCode: 400, changes: 0 });
  });

  it('invalidates the caches of stores and members', async () => {
    expect(await post(signedAs(serviceCaller('org_1', 'test')))).toEqual({ statusCode: 200, changes: 1 });
  });
});
