-- CreateTable
-- The tenant subgraph's migration tell_stores has it filled; until then every store is as a new one.
CREATE TABLE "stores" (
    "tenant_id" TEXT NOT NULL,
    "settings" JSONB,
    "settings_version" BIGINT,
    "order_name_beginnings" TEXT[],

    CONSTRAINT "stores_pkey" PRIMARY KEY ("tenant_id")
);

-- RowLevelSecurity
ALTER TABLE "stores" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "stores" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "stores"
    USING ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''))
    WITH CHECK ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''));
