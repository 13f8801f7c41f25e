-- CreateEnum
CREATE TYPE "Plan" AS ENUM ('FREE', 'STARTER', 'PRO', 'ENTERPRISE');

-- CreateEnum
CREATE TYPE "BillingStatus" AS ENUM ('TRIALING', 'ACTIVE', 'PAST_DUE', 'CANCELED');

-- CreateTable
CREATE TABLE "tenant_billing" (
    "tenant_id" TEXT NOT NULL,
    "plan" "Plan" NOT NULL DEFAULT 'FREE',
    "status" "BillingStatus" NOT NULL DEFAULT 'ACTIVE',
    "period_start" TIMESTAMPTZ(3),
    "period_end" TIMESTAMPTZ(3),
    "next_plan" "Plan",
    "trial_started_at" TIMESTAMPTZ(3),
    "past_due_at" TIMESTAMPTZ(3),
    "provider" TEXT NOT NULL DEFAULT 'manual',
    "provider_customer_id" TEXT,
    "due_at" TIMESTAMPTZ(3),
    "lease_until" TIMESTAMPTZ(3),
    "version" INTEGER NOT NULL DEFAULT 1,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "tenant_billing_pkey" PRIMARY KEY ("tenant_id")
);

-- AddForeignKey
ALTER TABLE "tenant_billing" ADD CONSTRAINT "tenant_billing_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("tenant_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- RowLevelSecurity
ALTER TABLE "tenant_billing" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "tenant_billing" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "tenant_billing"
    USING ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''))
    WITH CHECK ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''));

-- Existing stores
ALTER TABLE "tenants" NO FORCE ROW LEVEL SECURITY;
ALTER TABLE "tenant_billing" NO FORCE ROW LEVEL SECURITY;
INSERT INTO "tenant_billing" ("tenant_id", "updated_at") SELECT "tenant_id", now() FROM "tenants" WHERE "erased_at" IS NULL;
ALTER TABLE "tenant_billing" FORCE ROW LEVEL SECURITY;
ALTER TABLE "tenants" FORCE ROW LEVEL SECURITY;

-- Checks
ALTER TABLE "tenant_billing"
    ADD CONSTRAINT "tenant_billing_period_check" CHECK (
        ("plan" = 'FREE') = ("period_start" IS NULL) AND ("plan" = 'FREE') = ("period_end" IS NULL)
        AND ("plan" = 'FREE') = ("due_at" IS NULL) AND "period_start" < "period_end"),
    ADD CONSTRAINT "tenant_billing_status_check" CHECK (
        ("status" = 'PAST_DUE') = ("past_due_at" IS NOT NULL)
        AND ("plan" <> 'FREE' OR ("status" IN ('ACTIVE', 'CANCELED') AND "next_plan" IS NULL))
        AND ("plan" = 'FREE' OR "status" <> 'CANCELED')
        AND ("status" <> 'TRIALING' OR "trial_started_at" IS NOT NULL));

-- Shows the stores for whose billing something is to be done, when the transaction has named this task.
CREATE POLICY "billing_renewal" ON "tenant_billing" FOR SELECT
    USING ("due_at" <= now() AND NULLIF(current_setting('app.task', true), '') = 'billing_renewal');

-- Across tenants on purpose: the renewal looks for what is due.
CREATE INDEX "tenant_billing_due_at_idx" ON "tenant_billing"("due_at");
