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

/** What is undefined is not told at all, as by a tenant subgraph of an older version. */
type ToldSettings = { [Name in keyof StoreSettings]?: StoreSettings[Name] | undefined };

/** Tells of a store as the tenant subgraph does. The event has had its effect when this resolves. */
export async function tellSettings(to: Listener, tenantId: string, changes: ToldSettings, version = 1): Promise<void> {
  const data = { ...NEW_STORE_SETTINGS, ...changes };
  await tell(to, eventOf('tenant.settings_changed', tenantId, data, { aggregateType: 'settings', version }));
}

/** @param at when the plan changed. */
export async function tellPlan(to: Listener, tenantId: string, plan: Plan, at = new Date()): Promise<void> {
  const data = { plan, previousPlan: plan, status: 'ACTIVE' } as const;
  await tell(to, eventOf('tenant.plan_changed', tenantId, data, { aggregateType: 'tenant', version: 1, at }));
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

async function tell({ url, name }: Listener, event: DomainEvent): Promise<void> {
  const logger = createLogger(name, 'silent');
  const { channels, close } = createHttpPublisher('tenant', [{ name, origin: url }], SIGNING_KEY, logger);
  try {
    for (const channel of channels) if (channel.name === name) await channel.publish(event);
  } finally {
    await close();
  }
}
