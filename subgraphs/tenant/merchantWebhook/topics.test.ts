import { join } from 'node:path';
import { buildSubgraphSchema } from '@apollo/subgraph';
import type { GraphQLEnumType } from 'graphql';
import { EVENT_TYPES, isEventType } from '../../shared/events/eventCatalog';
import { isOfFamilies, SUBSCRIPTIONS } from '../../shared/events/subscriptions';
import { readSchema } from '../../shared/schemaFiles';
import type { WebhookTopic } from '../generated/resolvers';
import { STORE_EVENT_TYPES, topicOf, typeOf } from './topics';

const schema = buildSubgraphSchema(readSchema(join(__dirname, '..')));
const topics = (schema.getType('WebhookTopic') as GraphQLEnumType).getValues().map(({ name }) => name as WebhookTopic);

it('a store can subscribe to every event of the catalog that is not internal, and to no other', () => {
  expect(topics).toEqual(STORE_EVENT_TYPES.map(topicOf));
  expect(topics.map(typeOf)).toEqual(STORE_EVENT_TYPES);
  expect(topics.map(typeOf).every(isEventType)).toBe(true);
});

it('the consumer of webhooks subscribes to the whole catalog', () => {
  const { families } = SUBSCRIPTIONS['tenant.webhooks'];
  expect(EVENT_TYPES.filter((type) => !isOfFamilies(families, type))).toEqual([]);
});
