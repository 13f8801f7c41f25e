import { EVENT_CATALOG, EVENT_TYPES } from './eventCatalog';
import { CONSUMERS, consumersOf } from './subscriptions';

it.each(CONSUMERS)(
  '%s subscribes to all events of its aggregates: it would wait for a missing one as for a gap',
  (consumer) => {
    const isSubscribed = (type: string) => consumersOf(type).includes(consumer);
    const aggregates = new Set(EVENT_TYPES.filter(isSubscribed).map((type) => EVENT_CATALOG[type].aggregate));
    expect(aggregates).not.toEqual(new Set());
    expect(EVENT_TYPES.filter((type) => aggregates.has(EVENT_CATALOG[type].aggregate) && !isSubscribed(type))).toEqual(
      [],
    );
  },
);
