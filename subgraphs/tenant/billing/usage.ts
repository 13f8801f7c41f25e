import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { serviceCaller } from '../../shared/caller';
import { serviceUnavailable } from '../../shared/errors';
import { PLANS, type PlanLimits } from '../../shared/plans';
import { type SubgraphClient, SubgraphUnavailable } from '../../shared/subgraphClient';
import type { Context } from '../context';
import type { CountProducts } from '../dependencies';
import type { Plan } from '../generated/prisma/client';

export const countStaff = (ctx: Context): Promise<number> =>
  ctx.db.tenantMember.count({ where: { tenantId: ctx.tenantId, removedAt: null } });

export const countDomains = (ctx: Context): Promise<number> =>
  ctx.db.tenantDomain.count({ where: { tenantId: ctx.tenantId } });

const PRODUCTS = `query PlanUsage($id: ID!) {
  _entities(representations: [{ __typename: "PlanUsage", id: $id }]) { ... on PlanUsage { products } }
}`;
const answer = z.object({ _entities: z.tuple([z.object({ products: z.number().int() })]) });

export function createProductCount(productSubgraph: SubgraphClient): CountProducts {
  return async (tenantId) => {
    const operation = { query: PRODUCTS, variables: { id: tenantId } };
    try {
      const { data } = await productSubgraph.execute(operation, serviceCaller(tenantId, randomUUID()));
      const counted = answer.safeParse(data);
      if (!counted.success) throw serviceUnavailable();
      return counted.data._entities[0].products;
    } catch (error) {
      throw error instanceof SubgraphUnavailable ? serviceUnavailable() : error;
    }
  };
}

/** A limit that a store exceeds. */
export interface Excess {
  of: 'products' | 'staff' | 'customDomains';
  used: number;
  limit: number;
}

export async function excessOver(ctx: Context, plan: Plan): Promise<Excess[]> {
  const [products, staff, customDomains] = await Promise.all([
    ctx.dependencies.countProducts(ctx.tenantId),
    countStaff(ctx),
    countDomains(ctx),
  ]);
  return excessOf({ products, staff, customDomains }, PLANS[plan]);
}

function excessOf(used: Record<Excess['of'], number>, limits: PlanLimits): Excess[] {
  return (['products', 'staff', 'customDomains'] as const).flatMap((of) => {
    const limit = limits[of];
    return limit !== null && used[of] > limit ? [{ of, used: used[of], limit }] : [];
  });
}
