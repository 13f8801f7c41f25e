import { asOwner } from './asOwner';
import { eventually } from './eventHarness';

const UNFINISHED = `SELECT 1 FROM outbox_events WHERE status = 'PENDING' UNION ALL SELECT 1 FROM inbox_events WHERE status = 'WAITING'`;

/** Waits until every event of a store is published and processed in all of these databases, where a relay publishes them. */
export async function untilDelivered(ownerUrls: string[], tenantId: string): Promise<void> {
  const unfinished = async () =>
    (await Promise.all(ownerUrls.map((url) => asOwner(url, tenantId, UNFINISHED)))).flat().length;
  await eventually(async () => {
    // An event may be recorded in a database that was read just before: by the effect of one that is published just now.
    for (const _pass of [1, 2]) if ((await unfinished()) > 0) throw new Error('Events are not delivered yet');
  });
}
