import { join } from 'node:path';
import { createLogger } from '../shared/log';
import { type RunningSubgraph, startSubgraph } from '../shared/startSubgraph';
import { Context } from './context';
import { openTenantDatabase } from './database';
import type { Env } from './env';
import { resolvers } from './resolvers';
import { rules } from './rules';
import { clerkWebhookRoute } from './webhook/clerkWebhook.route';

/** The tenant subgraph: stores and what Clerk says of them. */
export async function startTenantSubgraph(env: Env): Promise<RunningSubgraph> {
  const logger = createLogger('tenant', env.LOG_LEVEL);
  const { db, ping, close } = await openTenantDatabase(env.TENANT_DATABASE_URL);
  return startSubgraph({
    name: 'tenant',
    host: env.SUBGRAPH_HOST,
    port: env.TENANT_PORT,
    signingKey: env.CALLER_SIGNING_KEY,
    schemaFile: join(__dirname, 'schema.graphql'),
    resolvers,
    rules,
    createContext: (caller) => new Context(caller, db, env.BASE_DOMAIN),
    logger,
    ready: ping,
    close,
    routes: clerkWebhookRoute(db, env.CLERK_WEBHOOK_SIGNING_SECRET, logger),
  });
}
