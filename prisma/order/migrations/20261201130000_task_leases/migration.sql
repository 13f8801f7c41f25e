-- Tasks that run once for all instances of the service, and not once in each.
-- CreateTable
CREATE TABLE "task_leases" (
    "tenant_id" TEXT NOT NULL,
    "task" TEXT NOT NULL,
    "lease_until" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "task_leases_pkey" PRIMARY KEY ("tenant_id","task")
);

-- RowLevelSecurity
ALTER TABLE "task_leases" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "task_leases" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "task_leases"
    USING ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''))
    WITH CHECK ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''));
