import { PLANS, type Plan } from '../../shared/plans';
import { asOwner } from '../../shared/test/asOwner';

/** Puts a store on a plan, as an event of it would. */
export const putOnPlan = (ownerUrl: string, tenantId: string, plan: Plan) =>
  asOwner(
    ownerUrl,
    tenantId,
    `INSERT INTO stores (tenant_id, plan) VALUES ($1, $2) ON CONFLICT (tenant_id) DO UPDATE SET plan = EXCLUDED.plan`,
    [tenantId, plan],
  );

/** Puts a store that no plan was chosen for on one without a limit: what is tested is not the limit. */
export const liftLimit = (ownerUrl: string, tenantId: string) =>
  asOwner(ownerUrl, tenantId, `INSERT INTO stores (tenant_id, plan) VALUES ($1, 'ENTERPRISE') ON CONFLICT DO NOTHING`, [
    tenantId,
  ]);

/** Puts a store on a plan, and fills it with products until the plan has room for `room` more. The same again adds none. */
export async function leaveRoomFor(ownerUrl: string, tenantId: string, room: number, plan: Plan = 'FREE') {
  await putOnPlan(ownerUrl, tenantId, plan);
  await fillStore(ownerUrl, tenantId, (PLANS[plan].products ?? 0) - room);
}

/** Products without a variant and without a reference of the store's own. */
export const fillStore = (ownerUrl: string, tenantId: string, count: number) =>
  asOwner(
    ownerUrl,
    tenantId,
    `INSERT INTO products (tenant_id, id, name, slug, updated_at)
     SELECT $1, 'prod_filler_' || n, 'Filler', 'filler-' || n, now() FROM generate_series(1, $2::int) AS n
     ON CONFLICT DO NOTHING`,
    [tenantId, count],
  );
