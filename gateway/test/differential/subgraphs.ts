import { join } from 'node:path';
import { buildSubgraphSchema } from '@apollo/subgraph';
import type { GraphQLSchema } from 'graphql';
import { Registry } from 'prom-client';
import { catalogClient } from '../../../subgraphs/order/catalog/catalogClient';
import { stockClient } from '../../../subgraphs/order/catalog/stockClient';
import { PLACEMENTS } from '../../../subgraphs/order/checkout/placementLimits';
import { ORDER_SAGA } from '../../../subgraphs/order/checkout/sagaSteps';
import { createHookServices } from '../../../subgraphs/order/checkoutHook/hookServices';
import { openOrderDatabase } from '../../../subgraphs/order/database';
import { readEnv as readOrderEnv } from '../../../subgraphs/order/env';
import { createOrderLinks } from '../../../subgraphs/order/orders/orderLinks';
import { paymentProviders } from '../../../subgraphs/order/payment/paymentProviders';
import { RefundWorker } from '../../../subgraphs/order/payment/refundWorker';
import { ResolverContext as OrderContext } from '../../../subgraphs/order/resolverContext';
import { resolvers as orderResolvers } from '../../../subgraphs/order/resolvers';
import { rules as orderRules } from '../../../subgraphs/order/rules';
import { SagaEngine } from '../../../subgraphs/order/saga/sagaEngine';
import { Context as ProductContext } from '../../../subgraphs/product/context';
import { openProductDatabase } from '../../../subgraphs/product/database';
import { readEnv as readProductEnv } from '../../../subgraphs/product/env';
import { createMedia } from '../../../subgraphs/product/files/media';
import { resolvers as productResolvers } from '../../../subgraphs/product/resolvers';
import { rules as productRules } from '../../../subgraphs/product/rules';
import { AdmissionControl } from '../../../subgraphs/shared/admission';
import type { Caller } from '../../../subgraphs/shared/caller';
import { createCounters } from '../../../subgraphs/shared/counters';
import { type AccessRules, guardSchema } from '../../../subgraphs/shared/guards';
import { createGuessLimits } from '../../../subgraphs/shared/guessLimits';
import { createLogger } from '../../../subgraphs/shared/log';
import { readSchema } from '../../../subgraphs/shared/schemaFiles';
import { createSubgraphClient } from '../../../subgraphs/shared/subgraphClient';
import { addressGuard } from '../../../subgraphs/shared/webhooks/publicAddress';
import { createSecretBox } from '../../../subgraphs/shared/webhooks/secretBox';
import { manualBilling } from '../../../subgraphs/tenant/billing/billingProvider';
import { createProductCount } from '../../../subgraphs/tenant/billing/usage';
import { Context as TenantContext } from '../../../subgraphs/tenant/context';
import { openTenantDatabase } from '../../../subgraphs/tenant/database';
import { createDomainVerification } from '../../../subgraphs/tenant/domain/domainVerification';
import { readEnv as readTenantEnv } from '../../../subgraphs/tenant/env';
import { createVisibleEntities } from '../../../subgraphs/tenant/node/visibleEntities';
import { resolvers as tenantResolvers } from '../../../subgraphs/tenant/resolvers';
import { rules as tenantRules } from '../../../subgraphs/tenant/rules';
import type { Contexts, SubgraphSchemas } from './mergedSchema';

const SUBGRAPHS = join(__dirname, '..', '..', '..', 'subgraphs');

export interface SubgraphsInProcess {
  schemas: SubgraphSchemas;
  contextsOf(caller: Caller): Contexts;
  close(): Promise<void>;
}

/** The three subgraphs' resolvers and rules on their databases, without their servers and background work. @param source what the services of the graph are started with. */
export async function openSubgraphs(source: NodeJS.ProcessEnv): Promise<SubgraphsInProcess> {
  const logger = createLogger('judge', 'silent');
  const env = { tenant: readTenantEnv(source), product: readProductEnv(source), order: readOrderEnv(source) };
  const key = env.order.CALLER_SIGNING_KEY;
  const product = createSubgraphClient(env.order.PRODUCT_SUBGRAPH_URL, 'product', key);
  const order = createSubgraphClient(env.tenant.ORDER_SUBGRAPH_URL, 'order', key);
  const databases = {
    tenant: await openTenantDatabase(env.tenant.TENANT_DATABASE_URL),
    product: await openProductDatabase(env.product.PRODUCT_DATABASE_URL),
    order: await openOrderDatabase(env.order.ORDER_DATABASE_URL),
  };

  const [counters, metrics] = [createCounters(undefined, logger), new Registry()];
  const guesses = createGuessLimits(counters, metrics);
  const tenantDependencies = {
    guesses,
    db: databases.tenant.db,
    logger,
    baseDomain: env.tenant.BASE_DOMAIN,
    verifyDomain: createDomainVerification(env.tenant.DNS_SERVERS),
    billingProvider: manualBilling,
    countProducts: createProductCount(product),
    visibleEntities: createVisibleEntities({ product, order }),
    webhooks: {
      secrets: createSecretBox(key),
      endpoints: { allowAddress: addressGuard([]), allowHttp: true },
    },
  };
  const media = createMedia(env.product, logger);
  const providers = paymentProviders({
    production: env.order.NODE_ENV === 'production',
    stripe: null,
    publishableKey: null,
  });
  const orderDependencies = { db: databases.order.db, stock: stockClient(product), providers };
  const hooks = createHookServices({
    secretKeys: key,
    allowed: [],
    allowHttp: true,
    counters,
    metrics,
    logger,
  });
  const orderServices = {
    guesses,
    hooks,
    saga: new SagaEngine(ORDER_SAGA, orderDependencies, logger, undefined),
    refunds: new RefundWorker(orderDependencies, logger),
    providers,
    catalog: catalogClient(product),
    links: createOrderLinks(key),
    admission: new AdmissionControl(PLACEMENTS),
  };
  const neverAborted = new AbortController().signal;

  return {
    schemas: {
      tenant: schemaOf('tenant', tenantResolvers, tenantRules),
      product: schemaOf('product', productResolvers, productRules),
      order: schemaOf('order', orderResolvers, orderRules),
    },
    contextsOf: (caller) => ({
      tenant: new TenantContext(caller, tenantDependencies),
      product: new ProductContext(caller, databases.product.db, media),
      order: new OrderContext(caller, databases.order.db, () => neverAborted, orderServices),
    }),
    async close() {
      await Promise.all([
        product.close(),
        order.close(),
        hooks.client.close(),
        ...Object.values(databases).map((database) => database.close()),
      ]);
    },
  };
}

function schemaOf(name: string, resolvers: object, rules: AccessRules): GraphQLSchema {
  const typeDefs = readSchema(join(SUBGRAPHS, name));
  return guardSchema(buildSubgraphSchema({ typeDefs, resolvers: { ...resolvers } }), rules);
}
