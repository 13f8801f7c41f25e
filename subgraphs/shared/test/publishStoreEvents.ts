import type { Audience } from '../caller';
import type { DomainEvent } from '../events/domainEvent';
import type { EventType } from '../events/eventCatalog';
import { createHttpPublisher } from '../events/httpPublisher';
import { newId } from '../ids';
import { createLogger } from '../log';
import type { Plan } from '../plans';
import { NEW_STORE_SETTINGS, type StoreSettings } from '../storeSettings';
import { SIGNING_KEY } from './askSubgraph';

/** A subgraph under test, and its name. */
interface Listener {
  url: string;
  name: Audience;
}

/** A setting that is undefined is left out of the event, as by a tenant subgraph of an older version. */
type PublishedSettings = { [Name in keyof StoreSettings]?: StoreSettings[Name] | undefined };

/** Publishes an event as the tenant subgraph does. It has had its effect when this resolves. */
export async function publishSettings(
  to: Listener,
  tenantId: string,
  changes: PublishedSettings,
  version = 1,
): Promise<void> {
  const data = { ...NEW_STORE_SETTINGS, ...changes };
  await publish(to, eventOf('tenant.settings_changed', tenantId, data, { aggregateType: 'settings', version }));
}

/** @param at when the plan changed. */
export async function publishPlan(to: Listener, tenantId: string, plan: Plan, at = new Date()): Promise<void> {
  const data = { plan, previousPlan: plan, status: 'ACTIVE' } as const;
  await publish(to, eventOf('tenant.plan_changed', tenantId, data, { aggregateType: 'tenant', version: 1, at }));
}

function eventOf(
  type: EventType,
  tenantId: string,
  data: object,
  { aggregateType, version, at = new Date() }: { aggregateType: string; version: number; at?: Date },
): DomainEvent {
  return {
    id: newId('evt'),
    type,
    tenantId,
    aggregateType,
    aggregateId: tenantId,
    aggregateVersion: version,
    previousVersion: null,
    dataVersion: 1,
    time: at.toISOString(),
    traceParent: null,
    data,
  };
}

async function publish({ url, name }: Listener, event: DomainEvent): Promise<void> {
  const logger = createLogger(name, 'silent');
  const { channels, close } = createHttpPublisher('tenant', [{ name, origin: url }], SIGNING_KEY, logger);
  try {
    for (const channel of channels) if (channel.name === name) await channel.publish(event);
  } finally {
    await close();
  }
}
