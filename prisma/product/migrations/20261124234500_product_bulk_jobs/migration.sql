-- CreateEnum
CREATE TYPE "BulkJobKind" AS ENUM ('IMPORT', 'EXPORT');

-- CreateEnum
CREATE TYPE "BulkJobStatus" AS ENUM ('QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED');

-- CreateEnum
CREATE TYPE "BulkFormat" AS ENUM ('CSV', 'JSONL');

-- CreateEnum
CREATE TYPE "BulkErrorPolicy" AS ENUM ('REJECT_EVERYTHING', 'IGNORE_FAILED');

-- CreateTable
CREATE TABLE "product_bulk_jobs" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "kind" "BulkJobKind" NOT NULL,
    "status" "BulkJobStatus" NOT NULL DEFAULT 'QUEUED',
    "format" "BulkFormat" NOT NULL,
    "error_policy" "BulkErrorPolicy",
    "file_id" TEXT NOT NULL,
    "actor_id" TEXT,
    "product_limit" INTEGER,
    "is_checked" BOOLEAN NOT NULL DEFAULT false,
    "last_line" INTEGER NOT NULL DEFAULT 0,
    "progress" INTEGER NOT NULL DEFAULT 0,
    "created" INTEGER NOT NULL DEFAULT 0,
    "updated" INTEGER NOT NULL DEFAULT 0,
    "failed" INTEGER NOT NULL DEFAULT 0,
    "found_new" INTEGER NOT NULL DEFAULT 0,
    "failure" TEXT,
    "lease_until" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "fence" INTEGER NOT NULL DEFAULT 0,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "product_bulk_jobs_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "product_import_errors" (
    "tenant_id" TEXT NOT NULL,
    "job_id" TEXT NOT NULL,
    "line" INTEGER NOT NULL,
    "ordinal" INTEGER NOT NULL,
    "field" TEXT[],
    "code" TEXT NOT NULL,
    "message" TEXT NOT NULL,

    CONSTRAINT "product_import_errors_pkey" PRIMARY KEY ("tenant_id","job_id","line","ordinal")
);

-- AddForeignKey
ALTER TABLE "product_import_errors" ADD CONSTRAINT "product_import_errors_tenant_id_job_id_fkey" FOREIGN KEY ("tenant_id", "job_id") REFERENCES "product_bulk_jobs"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- RowLevelSecurity
ALTER TABLE "product_bulk_jobs" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "product_bulk_jobs" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "product_bulk_jobs"
    USING ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''))
    WITH CHECK ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''));

-- RowLevelSecurity
ALTER TABLE "product_import_errors" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "product_import_errors" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "product_import_errors"
    USING ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''))
    WITH CHECK ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''));

-- Checks
ALTER TABLE "product_bulk_jobs"
    ADD CONSTRAINT "product_bulk_jobs_error_policy_check" CHECK (("kind" = 'IMPORT') = ("error_policy" IS NOT NULL)),
    ADD CONSTRAINT "product_bulk_jobs_finished_at_check" CHECK (("status" IN ('SUCCEEDED', 'FAILED')) = ("finished_at" IS NOT NULL));

-- Shows the imports and exports that are not done, of all stores, when the transaction has named this task.
CREATE POLICY "product_bulk" ON "product_bulk_jobs" FOR SELECT
    USING ("finished_at" IS NULL AND NULLIF(current_setting('app.task', true), '') = 'product_bulk');

-- Across tenants on purpose: whoever is free takes the next job of any store.
CREATE INDEX "product_bulk_jobs_lease_until_idx" ON "product_bulk_jobs"("lease_until") WHERE "finished_at" IS NULL;
