import type { ApolloServerPlugin } from '@apollo/server';
import { Counter, type Registry } from 'prom-client';

/** Counts the errors of answers by their codes. */
export function countGraphqlErrors(registry: Registry): ApolloServerPlugin {
  const errors = new Counter({
    name: 'graphql_errors_total',
    help: 'Errors in answers of GraphQL, by code',
    labelNames: ['code'],
    registers: [registry],
  });
  return {
    requestDidStart: async () => ({
      async willSendResponse({ response: { body } }) {
        if (body.kind !== 'single') return;
        for (const { extensions } of body.singleResult.errors ?? []) errors.inc({ code: String(extensions?.code) });
      },
    }),
  };
}
