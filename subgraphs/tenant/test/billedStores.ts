import { createLogger } from '../../shared/log';
import { admin } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { renewDue } from '../billing/renewal';
import { openTenantDatabase } from '../database';
import type { BillingProvider, Charge } from '../dependencies';
import { deliver, deliveryOf, organizationCreated } from './delivery';
import { type ProductStandIn, startProductStandIn } from './productStandIn';
import { startSubgraphHere } from './startSubgraphHere';
import type { TenantSubgraphUnderTest } from './startTestSubgraph';

export const PLAN = 'plan { name limits { products staff customDomains } usage { id staff customDomains } }';
export const BILLING =
  'billing { status periodStart periodEnd trialEndsAt nextPlan cancelAtPeriodEnd pastDueAt provider providerCustomerId }';
export const CHANGE = `mutation ($plan: PlanName!) {
  it: tenantPlanChange(input: { plan: $plan }) { tenant { id ${PLAN} ${BILLING} } userErrors { field message code } }
}`;

type ProviderAnswer = 'PAID' | 'REFUSED' | 'UNKNOWN';

/** Accepts every payment unless `answers` has another result. Idempotent by the charge's key, as every provider has to be. */
class TestProvider implements BillingProvider {
  readonly name = 'test';
  readonly paid = new Map<string, Charge>();
  answers: (charge: Charge) => ProviderAnswer | Promise<ProviderAnswer> = () => 'PAID';
  asked = 0;

  async charge(charge: Charge) {
    this.asked += 1;
    // Long enough that concurrent requests overlap.
    await new Promise((resolve) => setTimeout(resolve, 20));
    const answer = await this.answers(charge);
    if (answer !== 'REFUSED') this.paid.set(charge.key, charge);
    if (answer === 'UNKNOWN') throw new Error('The connection broke after the payment');
    return { isPaid: answer === 'PAID', customerId: `cus_${charge.tenantId}` };
  }

  paidFor(tenantId: string): string[] {
    return [...this.paid.values()].filter((charge) => charge.tenantId === tenantId).map(({ plan }) => plan);
  }
}

/** Stores on their own tenant subgraph, with a test provider, and a way to let time pass for them. */
export class BilledStores {
  private constructor(
    readonly tenant: TenantSubgraphUnderTest,
    readonly products: ProductStandIn,
    readonly provider: TestProvider,
    private readonly database: Awaited<ReturnType<typeof openTenantDatabase>>,
  ) {}

  static async start(): Promise<BilledStores> {
    const provider = new TestProvider();
    const products = await startProductStandIn();
    const tenant = await startSubgraphHere({ more: { PRODUCT_SUBGRAPH_URL: products.url }, billingProvider: provider });
    return new BilledStores(tenant, products, provider, await openTenantDatabase(tenant.appUrl, 4));
  }

  async close(): Promise<void> {
    await this.database.close();
    await this.tenant.close();
    await this.products.close();
  }

  /** Restores the initial state: the catalog answers and payments are accepted. */
  reset(): void {
    this.provider.answers = () => 'PAID';
    this.products.isAway = false;
  }

  async make(): Promise<string> {
    const event = organizationCreated();
    const { status } = await deliver(this.tenant.url, deliveryOf(event, { secret: this.tenant.secret }));
    if (status !== 200) throw new Error(`No store: ${status}`);
    return event.data.id;
  }

  /** A new store on this plan whose trial is over, so that it pays. */
  async makePaying(plan: string): Promise<string> {
    const id = await this.make();
    await this.choose(id, plan);
    await this.letTimePass(id, 14);
    await this.renew();
    expect(await this.billingOf(id)).toMatchObject({ plan: { name: plan }, billing: { status: 'ACTIVE' } });
    return id;
  }

  async addMembers(id: string, count: number): Promise<void> {
    await asOwner(
      this.tenant.ownerUrl,
      id,
      `INSERT INTO tenant_members (tenant_id, user_id, membership_id, role, permissions, joined_at, source_updated_at, profile_at)
       SELECT $1, 'user_' || n, 'orgmem_' || n, 'org:member', '{}', now(), now(), now() FROM generate_series(1, $2::int) AS n`,
      [id, count],
    );
  }

  async choose(id: string, plan: string) {
    return (await this.tenant.ask(admin(id), CHANGE, { plan })).data.it;
  }

  async billingOf(id: string) {
    return (await this.tenant.ask(admin(id), `{ currentTenant { ${PLAN} ${BILLING} } }`)).data.currentTenant;
  }

  /** Moves the dates of the store's billing into the past. */
  async letTimePass(id: string, days: number): Promise<void> {
    await asOwner(
      this.tenant.ownerUrl,
      id,
      `UPDATE tenant_billing SET period_start = period_start - $2::interval, period_end = period_end - $2::interval,
         due_at = due_at - $2::interval, past_due_at = past_due_at - $2::interval, trial_started_at = trial_started_at - $2::interval
       WHERE tenant_id = $1`,
      [id, `${days} days`],
    );
  }

  /** Expires the lease, as if the process that holds it had been too slow. */
  async expireLease(id: string): Promise<void> {
    const sql = "UPDATE tenant_billing SET lease_until = now() - interval '1 second' WHERE tenant_id = $1";
    await asOwner(this.tenant.ownerUrl, id, sql, [id]);
  }

  async isLeased(id: string): Promise<boolean> {
    const sql = 'SELECT coalesce(lease_until > now(), false) AS leased FROM tenant_billing WHERE tenant_id = $1';
    const [row] = await asOwner<{ leased: boolean }>(this.tenant.ownerUrl, id, sql, [id]);
    return row?.leased ?? false;
  }

  renew(): Promise<string[]> {
    return renewDue({ db: this.database.db, provider: this.provider, logger: createLogger('tenant', 'silent') });
  }
}
