import { openProductDatabase } from '../../product/database';
import { productSales } from '../../product/sales/productSales.consumer';
import { createLogger } from '../log';
import { freshTenantId, SIGNING_KEY } from '../test/askSubgraph';
import { asOwner } from '../test/asOwner';
import { hasBroker } from '../test/brokerUnderTest';
import { canceled, confirmed, deliveredEvent, eventually } from '../test/eventHarness';
import { overHttp, overRabbit, type TransportEnv } from '../test/transportEnvs';
import { type DomainEvent, writeEvent } from './domainEvent';
import { createEventSigner } from './eventSigner';
import { startOutboxRelay } from './outboxRelay';
import { replay, resetConsumer } from './replay';

const logger = createLogger('test', 'silent');
/** With the environment variable, the required backlog, and the throughput in the output. */
const BACKLOG = Number(process.env.BACKLOG_EVENTS ?? 1_000);
const BACKLOG_STORES = 10;
const BACKLOG_PATIENCE_MS = 60_000 + BACKLOG * 20;

for (const [title, open, on] of [
  ['over signed HTTP', overHttp, describe],
  [
    'over RabbitMQ (Debian’s rabbitmq-server, listening at 127.0.0.1:5672)',
    overRabbit,
    hasBroker() ? describe : describe.skip,
  ],
] as const) {
  on(`events ${title}`, () => {
    let env: TransportEnv;

    beforeAll(async () => {
      env = await open();
    });
    afterAll(() => env?.close());

    const soldIn = async (tenantId: string) => {
      const rows = await asOwner<{ id: string; sold: number }>(
        env.ownerUrl,
        tenantId,
        'SELECT product_id AS id, sold_quantity::int AS sold FROM product_sales WHERE tenant_id = $1',
        [tenantId],
      );
      return Object.fromEntries(rows.map(({ id, sold }) => [id, sold]));
    };
    const soldInAll = async (tenantId: string) =>
      Object.values(await soldIn(tenantId)).reduce((sum, sold) => sum + sold, 0);
    const inboxOf = (tenantId: string) =>
      asOwner<{ status: string }>(
        env.ownerUrl,
        tenantId,
        'SELECT status FROM inbox_events WHERE tenant_id = $1 ORDER BY status',
        [tenantId],
      );
    /** Publishes as soon as there is a connection. */
    const publish = (event: DomainEvent) =>
      eventually(async () => {
        await env.publish(event);
      });

    const proof = createEventSigner(SIGNING_KEY);
    const bodyOf = (event: DomainEvent) => writeEvent(event, '/subgraphs/order');

    it.each<[string, (event: DomainEvent, other: string) => { tenantId: string; body: string; proof: string }]>([
      [
        'that says it is another store’s than it was sent for',
        (event, other) => ({ tenantId: other, body: bodyOf(event), proof: proof.sign('order', other, bodyOf(event)) }),
      ],
      [
        'of the order subgraph that another one has made',
        ({ tenantId, ...event }) => {
          const body = writeEvent({ ...event, tenantId }, '/subgraphs/tenant');
          return { tenantId, body, proof: proof.sign('tenant', tenantId, body) };
        },
      ],
      [
        'of another subgraph that says it is the order subgraph’s',
        (event) => ({ ...event, body: bodyOf(event), proof: proof.sign('tenant', event.tenantId, bodyOf(event)) }),
      ],
      [
        'that was changed on its way',
        (event) => ({
          tenantId: event.tenantId,
          body: bodyOf({ ...event, aggregateVersion: 9 }),
          proof: proof.sign('order', event.tenantId, bodyOf(event)),
        }),
      ],
      ['without a signature', (event) => ({ ...event, body: bodyOf(event), proof: '' })],
    ])('refuses an event %s, and stores nothing of it', async (_which, messageOf) => {
      const [tenantId, other] = [freshTenantId(), freshTenantId()];
      await env.sendRefused(messageOf(deliveredEvent(tenantId, confirmed('ord_1', 1, 'prod_1')), other));
      for (const id of [tenantId, other]) {
        expect(await soldIn(id)).toEqual({});
        expect(await inboxOf(id)).toEqual([]);
      }
    });

    it('parks unknown events, stores failed ones, and processes the others', async () => {
      const tenantId = freshTenantId();
      await publish(deliveredEvent(tenantId, confirmed('ord_1', 1, 'prod_1'), { type: 'order.teleported' }));
      await publish(deliveredEvent(tenantId, confirmed('ord_2', 1, 'prod_1'), { dataVersion: 99 }));
      await publish(deliveredEvent(tenantId, confirmed('ord_3', 1, 'prod_1'), { data: { number: 0 } }));
      await publish(deliveredEvent(tenantId, confirmed('ord_4', 1, 'prod_1')));
      await eventually(async () => {
        const statuses = (await inboxOf(tenantId)).map(({ status }) => status);
        expect(statuses).toEqual(['APPLIED', 'WAITING', 'PARKED', 'PARKED']);
      });
      expect(await soldIn(tenantId)).toEqual({ prod_1: 1 });
    });

    it('counts an event once that is delivered ten times', async () => {
      const tenantId = freshTenantId();
      const event = deliveredEvent(tenantId, confirmed('ord_1', 1, 'prod_1', 3));
      await Promise.all(Array.from({ length: 10 }, () => publish(event)));
      await publish(deliveredEvent(tenantId, confirmed('ord_2', 1, 'prod_2')));
      await eventually(async () => expect(await soldIn(tenantId)).toEqual({ prod_1: 3, prod_2: 1 }));
      expect(await inboxOf(tenantId)).toHaveLength(2);
    });

    it('counts correctly in any order of delivery', async () => {
      const tenantId = freshTenantId();
      await publish(deliveredEvent(tenantId, canceled('ord_1', 3, 'prod_1', 2), { previousVersion: 2 }));
      await publish(deliveredEvent(tenantId, confirmed('ord_1', 2, 'prod_1', 2)));
      await eventually(async () => {
        expect(await inboxOf(tenantId)).toEqual([{ status: 'APPLIED' }, { status: 'APPLIED' }]);
      });
      expect(await soldIn(tenantId)).toEqual({ prod_1: 0 });
    });

    it('rebuilds a read model by a replay, and changes no complete one', async () => {
      const tenantId = freshTenantId();
      const { db, record } = env.outbox;
      const relay = startOutboxRelay(db, env.publisher, logger);
      try {
        await record(tenantId, [confirmed('ord_1', 1, 'prod_1', 5), canceled('ord_1', 2, 'prod_1', 2)]);
        relay.wake();
        await eventually(async () => expect(await soldIn(tenantId)).toEqual({ prod_1: 3 }));
        await eventually(async () => {
          expect((await env.outbox.rowsOf(tenantId)).map(({ status }) => status)).toEqual(['PUBLISHED', 'PUBLISHED']);
        });
        const all = { tenantId, since: new Date(0), types: ['order.confirmed', 'order.canceled'] as const };
        const product = await openProductDatabase(env.appUrl, 2);
        await asOwner(env.ownerUrl, tenantId, 'UPDATE product_sales SET sold_quantity = 77 WHERE tenant_id = $1', [
          tenantId,
        ]);
        expect(await replay(db, all)).toBe(2);
        relay.wake();
        await eventually(async () => {
          expect((await env.outbox.rowsOf(tenantId)).map(({ status }) => status)).toEqual(['PUBLISHED', 'PUBLISHED']);
        });
        expect(await soldIn(tenantId)).toEqual({ prod_1: 77 });

        await resetConsumer(product.db, productSales, tenantId);
        await product.close();
        expect(await replay(db, { ...all, since: new Date(Date.now() + 60_000) })).toBe(0);
        expect(await replay(db, all)).toBe(2);
        relay.wake();
        await eventually(async () => expect(await soldIn(tenantId)).toEqual({ prod_1: 3 }));
      } finally {
        await relay.stop();
      }
    });

    it('loses nothing while the connection is cut under load, counts each event once, and delays no write', async () => {
      const tenants = [freshTenantId(), freshTenantId()];
      const relay = startOutboxRelay(env.outbox.db, env.publisher, logger);
      const sell = async (from: number, to: number) => {
        for (let order = from; order < to; order += 1) {
          for (const tenantId of tenants) {
            await env.outbox.record(tenantId, [
              confirmed(`ord_${order}`, 1, 'prod_1', 2),
              canceled(`ord_${order}`, 2, 'prod_1', 1),
            ]);
          }
          relay.wake();
        }
      };
      try {
        await sell(0, 10);
        await env.proxy.cut();
        await sell(10, 20);
        await env.proxy.open();
        await sell(20, 30);
        await eventually(async () => {
          for (const tenantId of tenants) {
            expect(await soldIn(tenantId)).toEqual({ prod_1: 30 });
            expect(await inboxOf(tenantId)).toEqual(Array(60).fill({ status: 'APPLIED' }));
          }
        });
      } finally {
        await relay.stop();
      }
    });

    it(
      `drains ${BACKLOG} events that wait in ${BACKLOG_STORES} stores, and counts each once`,
      async () => {
        const tenants = Array.from({ length: BACKLOG_STORES }, freshTenantId);
        const each = BACKLOG / BACKLOG_STORES;
        for (const tenantId of tenants) await env.outbox.fill(tenantId, each);
        const begun = performance.now();
        const relay = startOutboxRelay(env.outbox.db, env.publisher, logger);
        try {
          for (const tenantId of tenants) {
            await eventually(async () => expect(await soldInAll(tenantId)).toBe(each), BACKLOG_PATIENCE_MS);
          }
          const seconds = (performance.now() - begun) / 1_000;
          if (process.env.BACKLOG_EVENTS) console.info({ title, perSecond: Math.round(BACKLOG / seconds) });
          for (const tenantId of tenants) {
            expect(await inboxOf(tenantId)).toEqual(Array(each).fill({ status: 'APPLIED' }));
            await eventually(async () => {
              expect((await env.outbox.rowsOf(tenantId)).filter(({ status }) => status !== 'PUBLISHED')).toEqual([]);
            });
          }
        } finally {
          await relay.stop();
        }
      },
      2 * BACKLOG_PATIENCE_MS,
    );
  });
}
