import type { Resolvers, WebhookDisabledReason } from '../generated/resolvers';
import { eventDeliveryRetry, listDeliveries } from './delivery.service';
import {
  findSubscription,
  listSubscriptions,
  webhookSubscriptionCreate,
  webhookSubscriptionDelete,
  webhookSubscriptionRotateSecret,
  webhookSubscriptionUpdate,
} from './subscription.service';
import { topicOf } from './topics';

export const merchantWebhookResolvers = {
  Query: {
    webhookSubscription: (_root, { id }, ctx) => findSubscription(ctx, id),
    webhookSubscriptions: (_root, args, ctx) => listSubscriptions(ctx, args),
    eventDeliveries: (_root, args, ctx) => listDeliveries(ctx, args),
  },
  Mutation: {
    webhookSubscriptionCreate: (_root, { input }, ctx) => webhookSubscriptionCreate(ctx, input),
    webhookSubscriptionUpdate: (_root, { id, input }, ctx) => webhookSubscriptionUpdate(ctx, id, input),
    webhookSubscriptionDelete: (_root, { id }, ctx) => webhookSubscriptionDelete(ctx, id),
    webhookSubscriptionRotateSecret: (_root, { id }, ctx) => webhookSubscriptionRotateSecret(ctx, id),
    eventDeliveryRetry: (_root, { id }, ctx) => eventDeliveryRetry(ctx, id),
  },
  WebhookSubscription: {
    topics: ({ topics }) => topics.map(topicOf),
    disabledReason: ({ disabledReason }) => disabledReason as WebhookDisabledReason | null,
    previousSecretExpiresAt: ({ previousSecretExpiresAt: until }) => (until && until > new Date() ? until : null),
  },
  EventDelivery: {
    topic: ({ topic }) => topicOf(topic),
    payload: ({ body }) => body,
    nextAttemptAt: ({ status, dueAt }) => (status === 'PENDING' ? dueAt : null),
    error: ({ lastError }) => lastError,
  },
} satisfies Resolvers;
