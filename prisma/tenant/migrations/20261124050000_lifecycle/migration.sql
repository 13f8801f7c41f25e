-- CreateEnum
CREATE TYPE "SuspendedBy" AS ENUM ('STORE', 'PLATFORM');

-- AlterTable
ALTER TABLE "tenants" ADD COLUMN     "erase_after" TIMESTAMPTZ(3),
ADD COLUMN     "erased_at" TIMESTAMPTZ(3),
ADD COLUMN     "erasure_lease_until" TIMESTAMPTZ(3),
ADD COLUMN     "suspended_by" "SuspendedBy",
ADD COLUMN     "suspended_reason" TEXT;

-- CreateTable
CREATE TABLE "tenant_erasures" (
    "tenant_id" TEXT NOT NULL,
    "subgraph" TEXT NOT NULL,
    "erased_rows" JSONB NOT NULL,
    "erased_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "tenant_erasures_pkey" PRIMARY KEY ("tenant_id","subgraph")
);

-- AddForeignKey
ALTER TABLE "tenant_erasures" ADD CONSTRAINT "tenant_erasures_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("tenant_id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- RowLevelSecurity
ALTER TABLE "tenant_erasures" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "tenant_erasures" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "tenant_erasures"
    USING ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''))
    WITH CHECK ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''));

-- Checks
ALTER TABLE "tenants"
    ADD CONSTRAINT "tenants_suspended_by_check" CHECK (("status" = 'SUSPENDED') = ("suspended_by" IS NOT NULL)),
    ADD CONSTRAINT "tenants_erase_after_check" CHECK ("status" = 'DELETED' OR "erase_after" IS NULL);

-- Functions
-- A task of the system's own, such as looking for the stores whose time is over. The same in each database that has one.
CREATE OR REPLACE FUNCTION "set_task"("task" text) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    EXECUTE format('SET LOCAL app.task = %L', task);
END
$$;

-- Shows the deleted stores whose data is still there, when the transaction has named this task.
CREATE POLICY "store_erasure" ON "tenants" FOR SELECT
    USING ("status" = 'DELETED' AND "erased_at" IS NULL AND NULLIF(current_setting('app.task', true), '') = 'store_erasure');

-- Across tenants on purpose: the erasure looks for the deleted stores whose time is over.
CREATE INDEX "tenants_erase_after_idx" ON "tenants"("erase_after") WHERE "status" = 'DELETED' AND "erased_at" IS NULL;
