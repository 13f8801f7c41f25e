-- CreateEnum
CREATE TYPE "CheckoutHookKind" AS ENUM ('SHIPPING_RATES', 'TAX');

-- CreateEnum
CREATE TYPE "CheckoutHookUnavailable" AS ENUM ('USE_STORE_RATES', 'REFUSE');

-- CreateEnum
CREATE TYPE "CheckoutHookFailureReason" AS ENUM ('ADDRESS_REFUSED', 'UNREACHABLE', 'TIMED_OUT', 'WRONG_STATUS', 'INVALID_ANSWER');

-- AlterTable
ALTER TABLE "order_quotes" ADD COLUMN     "hook_answers" JSONB;

-- AlterTable
ALTER TABLE "shipping_rates" ADD COLUMN     "is_fallback" BOOLEAN NOT NULL DEFAULT false;

-- CreateTable
CREATE TABLE "checkout_hooks" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "kind" "CheckoutHookKind" NOT NULL,
    "url" TEXT NOT NULL,
    "is_active" BOOLEAN NOT NULL,
    "when_unavailable" "CheckoutHookUnavailable" NOT NULL,
    "secret" TEXT NOT NULL,
    "previous_secret" TEXT,
    "previous_secret_expires_at" TIMESTAMPTZ(3),
    "last_failure_at" TIMESTAMPTZ(3),
    "last_failure_reason" "CheckoutHookFailureReason",
    "last_failure_status" INTEGER,
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "checkout_hooks_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "checkout_hook_answers" (
    "tenant_id" TEXT NOT NULL,
    "hook_id" TEXT NOT NULL,
    "question" TEXT NOT NULL,
    "answer" JSONB,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "checkout_hook_answers_pkey" PRIMARY KEY ("tenant_id","hook_id","question")
);

-- CreateIndex
CREATE UNIQUE INDEX "checkout_hooks_tenant_id_kind_key" ON "checkout_hooks"("tenant_id", "kind");

-- CreateIndex
CREATE INDEX "checkout_hook_answers_tenant_id_expires_at_idx" ON "checkout_hook_answers"("tenant_id", "expires_at");

-- AddForeignKey
ALTER TABLE "checkout_hook_answers" ADD CONSTRAINT "checkout_hook_answers_tenant_id_hook_id_fkey" FOREIGN KEY ("tenant_id", "hook_id") REFERENCES "checkout_hooks"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- RowLevelSecurity
ALTER TABLE "checkout_hooks" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "checkout_hooks" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "checkout_hooks"
    USING ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''))
    WITH CHECK ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''));

-- RowLevelSecurity
ALTER TABLE "checkout_hook_answers" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "checkout_hook_answers" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "checkout_hook_answers"
    USING ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''))
    WITH CHECK ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''));

-- Checks
ALTER TABLE "checkout_hooks"
    ADD CONSTRAINT "checkout_hooks_failure_check" CHECK (("last_failure_at" IS NULL) = ("last_failure_reason" IS NULL)),
    ADD CONSTRAINT "checkout_hooks_unavailable_check" CHECK ("kind" = 'TAX' OR "when_unavailable" = 'USE_STORE_RATES');
-- Buyers fetch it whatever a carrier answers.
ALTER TABLE "shipping_rates"
    ADD CONSTRAINT "shipping_rates_fallback_check" CHECK (NOT ("is_fallback" AND "pickup" IS NOT NULL)) NOT VALID;
