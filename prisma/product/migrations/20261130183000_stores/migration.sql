-- AlterTable
-- An import holds to the plan that its store is on while it is written, and not to the one it was on when it was asked for.
ALTER TABLE "product_bulk_jobs" DROP COLUMN "product_limit";

-- CreateTable
-- The tenant subgraph's migration tell_stores has it filled; until then every store is as a new one.
CREATE TABLE "stores" (
    "tenant_id" TEXT NOT NULL,
    "settings" JSONB,
    "settings_version" BIGINT,
    "plan" TEXT,
    "plan_changed_at" TIMESTAMPTZ(3),

    CONSTRAINT "stores_pkey" PRIMARY KEY ("tenant_id")
);

-- RowLevelSecurity
ALTER TABLE "stores" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "stores" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "stores"
    USING ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''))
    WITH CHECK ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''));
