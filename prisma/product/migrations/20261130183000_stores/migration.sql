-- AlterTable
-- An import is limited by its store's plan while it runs, and not by the plan when it was started.
ALTER TABLE "product_bulk_jobs" DROP COLUMN "product_limit";

-- CreateTable
-- Filled by the events of the tenant subgraph's migration publish_settings_and_plans; until then the defaults of a new store apply.
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
