import type { Client } from 'pg';

interface Exception {
  object: string;
  reason: string;
}

/** What may be different from the rules below, and why. */
export const EXCEPTIONS: Exception[] = [
  {
    object: 'customers_user_id_idx',
    reason: 'where a deleted person is known is looked for in all stores, under the policy person_lookup',
  },
  {
    object: 'customers.person_lookup',
    reason: "shows one person's customers to read, when the transaction has named the person",
  },
  {
    object: 'orders_customer_id_idx',
    reason: 'where a deleted person is known is looked for in all stores, under the policy person_lookup',
  },
  {
    object: 'orders.person_lookup',
    reason: "shows one person's orders to read, when the transaction has named the person",
  },
  {
    object: 'carts_customer_id_idx',
    reason: 'where a deleted person is known is looked for in all stores, under the policy person_lookup',
  },
  {
    object: 'carts.person_lookup',
    reason: "shows one person's carts to read, when the transaction has named the person",
  },
  {
    object: 'deleted_users_due_at_idx',
    reason: 'who is to be forgotten is looked for under the policy user_erasure',
  },
  {
    object: 'deleted_users.user_erasure',
    reason: 'shows which deleted persons are due, to read, when the transaction has named this task',
  },
  {
    object: 'store_languages.search_language',
    reason:
      'shows in which stores search documents are to be made anew, to read, when the transaction has named this task',
  },
  {
    object: 'product_publications_due_at_idx',
    reason: 'what is due is looked for in all stores, under the policy product_publication',
  },
  {
    object: 'product_publications.product_publication',
    reason: 'shows which publications are due, and in which store, to read, when the transaction has named this task',
  },
  {
    object: 'payments_due_at_idx',
    reason: 'overdue payments are looked for in all stores, under the policy payment_expiry',
  },
  {
    object: 'payments.payment_expiry',
    reason: 'shows which payments are overdue, and in which store, to read, when the transaction has named this task',
  },
  {
    object: 'payments_authorization_check_at_idx',
    reason: 'authorizations that are about to end are looked for in all stores, under the policy authorization_expiry',
  },
  {
    object: 'payments.authorization_expiry',
    reason:
      'shows which authorizations are about to end, and in which store, to read, when the transaction has named this task',
  },
  {
    object: 'tenants_slug_key',
    reason: "a store's slug is its public address: unique across stores",
  },
  {
    object: 'order_sagas_lease_until_idx',
    reason: 'saga recovery looks through the open sagas of all stores, under the policy saga_recovery',
  },
  {
    object: 'tenants.store_lookup',
    reason: 'the caller of an address is not known yet: it shows the one row that has the address asked for',
  },
  {
    object: 'tenants_erase_after_idx',
    reason: 'the erasure looks for the deleted stores whose time is over, under the policy store_erasure',
  },
  {
    object: 'tenant_billing_due_at_idx',
    reason: 'the renewal looks for the stores whose billing is due, under the policy billing_renewal',
  },
  {
    object: 'tenant_billing.billing_renewal',
    reason: 'shows whose billing is due to read, when the transaction has named this task',
  },
  {
    object: 'tenant_members_user_id_idx',
    reason: "a deleted person's memberships are looked for in all stores, under the policy member_lookup",
  },
  {
    object: 'tenant_members.member_lookup',
    reason: "shows one person's memberships to read, when the transaction has named the person",
  },
  {
    object: 'tenant_slugs_slug_key',
    reason: 'an address is public, and belongs to one store only',
  },
  {
    object: 'tenant_domains_host_key',
    reason: 'a verified domain is public, and belongs to one store only',
  },
  {
    object: 'tenant_slugs.slug_lookup',
    reason: 'the caller of an address is not known yet: it shows the one row that has the address asked for',
  },
  {
    object: 'tenant_slugs.slug_expiry',
    reason: 'lets go of addresses whose time is over, when the transaction has named this task',
  },
  {
    object: 'app_tokens_token_hash_idx',
    reason: 'the token that a request sends is looked for in all stores, under the policy token_lookup',
  },
  {
    object: 'app_tokens.token_lookup',
    reason: 'shows the token whose hash the transaction has named, to read',
  },
  {
    object: 'tenant_domains.domain_lookup',
    reason: 'the caller of a domain is not known yet: it shows the one row of the domain asked for, once it is proven',
  },
  {
    object: 'clerk_organizations.reconciliation',
    reason: 'shows which organizations there are to read, when the transaction has named this task',
  },
  {
    object: 'tenants.store_erasure',
    reason: 'shows deleted stores whose data is still there to read, when the transaction has named this task',
  },
  {
    object: 'stock_reservations_expires_at_idx',
    reason: 'the expiry looks through the reservations of all stores, under the policy reservation_expiry',
  },
  {
    object: 'stock_reservations.reservation_expiry',
    reason: 'shows the reservations whose time is over to read, when the transaction has named this task',
  },
  {
    object: 'media_files_expires_at_idx',
    reason: 'the sweep looks for the files of all stores that are to go, under the policy media_sweep',
  },
  {
    object: 'product_bulk_jobs_lease_until_idx',
    reason: 'any process looks for the imports and exports of all stores, under the policy product_bulk',
  },
  {
    object: 'product_bulk_jobs.product_bulk',
    reason:
      'shows imports and exports of all stores that are not done, to read, when the transaction has named this task',
  },
  {
    object: 'media_files.media_sweep',
    reason: 'shows files of all stores that nothing refers to, to read, when the transaction has named this task',
  },
  {
    object: 'order_sagas.saga_recovery',
    reason: 'shows open sagas of all stores to read, when the transaction has named this task',
  },
  {
    object: 'outbox_events.event_relay',
    reason: 'shows in which stores events wait to be published to read, when the transaction has named this task',
  },
  {
    object: 'inbox_events.event_retry',
    reason: 'shows in which stores events are not applied yet to read, when the transaction has named this task',
  },
  {
    object: 'outbox_events.event_prune',
    reason: 'shows in which stores there are published events to read, when the transaction has named this task',
  },
  {
    object: 'inbox_events.event_prune',
    reason: 'shows in which stores there are applied events to read, when the transaction has named this task',
  },
  {
    object: 'outbox_events.missed_events',
    reason:
      'shows in which stores a lost queue may have missed published events to read, when the transaction has named this task',
  },
  {
    object: 'inbox_events.missed_events',
    reason:
      'shows when a consumer last took events in, in all stores, to read, when the transaction has named this task',
  },
  {
    object: 'event_deliveries.webhook_delivery',
    reason: 'shows for which stores’ webhooks events wait to read, when the transaction has named this task',
  },
  {
    object: 'event_deliveries.webhook_prune',
    reason:
      'shows in which stores there are events that webhooks had to read, when the transaction has named this task',
  },
  {
    object: 'order_refunds_lease_until_idx',
    reason: 'refund recovery looks through the open refunds of all stores, under the policy refund_recovery',
  },
  {
    object: 'order_refunds.refund_recovery',
    reason: 'shows open refunds of all stores to read, when the transaction has named this task',
  },
  {
    object: 'idempotency_keys_created_at_idx',
    reason: 'the keys of all stores whose time is over are looked for, under the policy idempotency_expiry',
  },
  {
    object: 'idempotency_keys.idempotency_expiry',
    reason: 'lets go of keys older than a day, when the transaction has named this task',
  },
  {
    object: 'carts_expires_at_idx',
    reason: 'carts whose time is over are looked for in all stores, under the policy cart_expiry',
  },
  {
    object: 'carts.cart_expiry',
    reason: 'shows carts whose time is over, when the transaction has named this task',
  },
  {
    object: 'carts.cart_expiry_deletion',
    reason: 'lets go of carts whose time is over, when the transaction has named this task',
  },
];

const TENANT_TEST = `(tenant_id = NULLIF(current_setting('app.tenant_id'::text, true), ''::text))`;

/** Each query returns one row per fault: `object`, and `fault` as a sentence without its subject. */
const QUERIES = {
  rowSecurity: `
    SELECT relname AS object, 'has no row-level security that is enabled and forced' AS fault
    FROM tables WHERE NOT relrowsecurity OR NOT relforcerowsecurity`,

  policy: `
    SELECT relname AS object, 'has no policy for everything that compares tenant_id, both USING and WITH CHECK' AS fault
    FROM tables WHERE NOT EXISTS (
      SELECT 1 FROM pg_policy
      WHERE polrelid = tables.oid AND polcmd = '*' AND polpermissive AND polroles = '{0}'
        AND pg_get_expr(polqual, polrelid) = $1 AND pg_get_expr(polwithcheck, polrelid) = $1)`,

  // Permissive policies add up.
  otherPolicies: `
    SELECT relname || '.' || polname AS object, 'is a policy that adds to what tenant_id lets through' AS fault
    FROM tables JOIN pg_policy ON polrelid = tables.oid
    WHERE polpermissive AND (
      pg_get_expr(polqual, polrelid) IS DISTINCT FROM $1 OR pg_get_expr(polwithcheck, polrelid) IS DISTINCT FROM $1)`,

  primaryKey: `
    SELECT relname AS object, 'has no tenant_id in its primary key' AS fault
    FROM tables WHERE NOT EXISTS (
      SELECT 1 FROM pg_index WHERE indrelid = tables.oid AND indisprimary AND tables.tenant_column = ANY (indkey))`,

  indexes: `
    SELECT index.relname AS object, 'is an index that does not begin with tenant_id' AS fault
    FROM tables JOIN pg_index ON indrelid = tables.oid JOIN pg_class AS index ON index.oid = indexrelid
    WHERE indkey[0] IS DISTINCT FROM tables.tenant_column`,

  foreignKeys: `
    SELECT conname AS object, 'is a foreign key that does not lead from tenant_id to tenant_id' AS fault
    FROM tables JOIN pg_constraint ON conrelid = tables.oid AND contype = 'f'
    WHERE NOT EXISTS (
      SELECT 1 FROM unnest(conkey, confkey) AS pair (here, there)
      JOIN pg_attribute ON attrelid = confrelid AND attnum = there AND attname = 'tenant_id'
      WHERE here = tables.tenant_column)`,

  views: `
    SELECT relname AS object, 'is a view that reads with the rights of its owner (no security_invoker)' AS fault
    FROM relations WHERE relkind = 'v' AND NOT coalesce('security_invoker=true' = ANY (reloptions), false)`,

  otherRelations: `
    SELECT relname AS object, 'is a materialized view or a foreign table, which has no row-level security' AS fault
    FROM relations WHERE relkind IN ('m', 'f')`,

  functions: `
    SELECT proname AS object, 'is a function with the rights of its owner (SECURITY DEFINER)' AS fault
    FROM pg_proc JOIN ours ON ours.oid = pronamespace WHERE prosecdef`,

  rights: `
    SELECT relname AS object, 'lets others than its owner do ' || privilege_type AS fault
    FROM relations, aclexplode(relacl) WHERE grantee <> relowner AND relkind IN ('r', 'p', 'v')
      AND (privilege_type NOT IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE') OR relname = '_prisma_migrations')`,
};

const OURS = `
  WITH ours AS (
    SELECT oid, nspname FROM pg_namespace WHERE nspname <> 'information_schema' AND nspname !~ '^pg_'
  ), relations AS (
    SELECT pg_class.* FROM pg_class JOIN ours ON ours.oid = relnamespace
  ), tables AS (
    SELECT relations.*, attnum AS tenant_column FROM relations
    LEFT JOIN pg_attribute ON attrelid = relations.oid AND attname = 'tenant_id' AND atttypid = 'text'::regtype AND attnotnull
    WHERE relkind IN ('r', 'p') AND relname <> '_prisma_migrations'
  )`;

/**
 * Walks the whole catalog of a service's database for what would show one tenant's rows to another.
 * @returns one sentence per fault; none when all is well.
 */
export async function listCatalogFaults(client: Client, exceptions: Exception[] = EXCEPTIONS): Promise<string[]> {
  const faults: string[] = [];
  for (const query of Object.values(QUERIES)) {
    const values = query.includes('$1') ? [TENANT_TEST] : [];
    const { rows } = await client.query<{ object: string; fault: string }>(`${OURS} ${query}`, values);
    const found = rows.filter(({ object }) => !exceptions.some((exception) => exception.object === object));
    faults.push(...found.map(({ object, fault }) => `${object} ${fault}`));
  }
  return faults.sort();
}
