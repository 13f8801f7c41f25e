-- CreateTable
CREATE TABLE "deleted_users" (
    "tenant_id" TEXT NOT NULL,
    "deleted_at" TIMESTAMPTZ(3) NOT NULL,
    "due_at" TIMESTAMPTZ(3) DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "deleted_users_pkey" PRIMARY KEY ("tenant_id")
);

-- RowLevelSecurity
ALTER TABLE "deleted_users" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "deleted_users" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "deleted_users"
    USING ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''))
    WITH CHECK ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''));

-- Functions
-- Finding in which stores one person is known, when their account is gone.
CREATE FUNCTION "set_member"("user_id" text) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    EXECUTE format('SET LOCAL app.member_user_id = %L', user_id);
END
$$;

-- Tasks
CREATE POLICY "user_erasure" ON "deleted_users" FOR SELECT
    USING ("due_at" <= now() AND NULLIF(current_setting('app.task', true), '') = 'user_erasure');

-- Each shows one person's rows in all stores, to read; they are then changed as the store itself. By a function, which the
-- planner can't look into: a plain comparison would be another way into the table, which it takes for a store's own pages, too,
-- and sorts them. The look-up names the person itself, and so has its index.
CREATE FUNCTION "is_member"("user_id" text) RETURNS boolean LANGUAGE plpgsql STABLE COST 1 SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN user_id = NULLIF(current_setting('app.member_user_id', true), '');
END
$$;
CREATE POLICY "person_lookup" ON "customers" FOR SELECT
    USING (is_member("user_id"));
CREATE POLICY "person_lookup" ON "orders" FOR SELECT
    USING (is_member("customer_id"));
CREATE POLICY "person_lookup" ON "carts" FOR SELECT
    USING (is_member("customer_id"));

-- Indexes
CREATE INDEX "deleted_users_due_at_idx" ON "deleted_users"("due_at") WHERE "due_at" IS NOT NULL;
CREATE INDEX "customers_user_id_idx" ON "customers"("user_id") WHERE "user_id" IS NOT NULL;
CREATE INDEX "orders_customer_id_idx" ON "orders"("customer_id") WHERE "customer_id" IS NOT NULL;
CREATE INDEX "carts_customer_id_idx" ON "carts"("customer_id") WHERE "customer_id" IS NOT NULL;
