import { EVENT_CATALOG, EVENT_TYPES } from './eventCatalog';
import { CONSUMERS, consumersOf } from './subscriptions';

it.each(CONSUMERS)(
  '%s hears of all that happens to what it hears of, for it awaits what it has not had',
  (consumer) => {
    const hears = (type: string) => consumersOf(type).includes(consumer);
    const aggregates = new Set(EVENT_TYPES.filter(hears).map((type) => EVENT_CATALOG[type].aggregate));
    expect(aggregates).not.toEqual(new Set());
    expect(EVENT_TYPES.filter((type) => aggregates.has(EVENT_CATALOG[type].aggregate) && !hears(type))).toEqual([]);
  },
);
