-- CreateEnum
CREATE TYPE "PaymentProviderName" AS ENUM ('MANUAL', 'STRIPE');

-- CreateEnum
CREATE TYPE "PaymentStatus" AS ENUM ('PENDING', 'REQUIRES_ACTION', 'AUTHORIZED', 'CAPTURED', 'VOIDED', 'FAILED');

-- CreateEnum
CREATE TYPE "PaymentTransactionKind" AS ENUM ('AUTHORIZE', 'CAPTURE', 'VOID', 'REFUND');

-- CreateEnum
CREATE TYPE "RefundStatus" AS ENUM ('PENDING', 'SUCCEEDED', 'FAILED');

-- CreateEnum
CREATE TYPE "CaptureMode" AS ENUM ('AUTOMATIC', 'MANUAL');

-- AlterEnum
-- This migration adds more than one value to an enum.
-- With PostgreSQL versions 11 and earlier, this is not possible
-- in a single migration. This can be worked around by creating
-- multiple migrations, each migration adding only one value to
-- the enum.


ALTER TYPE "SagaStep" ADD VALUE 'AUTHORIZE_PAYMENT';
ALTER TYPE "SagaStep" ADD VALUE 'CONFIRM';
ALTER TYPE "SagaStep" ADD VALUE 'CAPTURE_PAYMENT';
ALTER TYPE "SagaStep" ADD VALUE 'VOID_PAYMENT';

-- AlterTable
ALTER TABLE "idempotency_keys" ADD COLUMN     "refund_id" TEXT;

-- AlterTable
ALTER TABLE "order_sagas" ADD COLUMN     "capture_asked" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "confirm_before" TIMESTAMPTZ(3),
ADD COLUMN     "payment_token" TEXT,
ADD COLUMN     "refund" BOOLEAN NOT NULL DEFAULT true,
ADD COLUMN     "restock" BOOLEAN NOT NULL DEFAULT true,
ADD COLUMN     "step_started_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
ADD COLUMN     "steps" JSONB NOT NULL DEFAULT '[]';

-- CreateTable
CREATE TABLE "payments" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "order_id" TEXT NOT NULL,
    "provider" "PaymentProviderName" NOT NULL,
    "status" "PaymentStatus" NOT NULL DEFAULT 'PENDING',
    "currency_code" TEXT NOT NULL,
    "amount" BIGINT NOT NULL,
    "authorized_amount" BIGINT NOT NULL DEFAULT 0,
    "captured_amount" BIGINT NOT NULL DEFAULT 0,
    "refunded_amount" BIGINT NOT NULL DEFAULT 0,
    "token" TEXT,
    "provider_account" TEXT,
    "provider_reference" TEXT,
    "client_secret" TEXT,
    "failure_code" TEXT,
    "flag" TEXT,
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "payments_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "payment_transactions" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "payment_id" TEXT NOT NULL,
    "kind" "PaymentTransactionKind" NOT NULL,
    "amount" BIGINT NOT NULL,
    "succeeded" BOOLEAN NOT NULL,
    "idempotency_key" TEXT NOT NULL,
    "provider_reference" TEXT,
    "failure_code" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "payment_transactions_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "order_refunds" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "order_id" TEXT NOT NULL,
    "amount" BIGINT NOT NULL,
    "currency_code" TEXT NOT NULL,
    "status" "RefundStatus" NOT NULL DEFAULT 'PENDING',
    "reason" TEXT NOT NULL,
    "lines" JSONB NOT NULL,
    "restock" BOOLEAN NOT NULL,
    "actor_id" TEXT,
    "provider_reference" TEXT,
    "failure_code" TEXT,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "fence" INTEGER NOT NULL DEFAULT 0,
    "lease_until" TIMESTAMPTZ(3) NOT NULL DEFAULT (now() + '00:00:30'::interval),
    "last_error" TEXT,
    "finished_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "order_refunds_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "payment_settings" (
    "tenant_id" TEXT NOT NULL,
    "capture_mode" "CaptureMode" NOT NULL DEFAULT 'AUTOMATIC',
    "stripe_account_id" TEXT,

    CONSTRAINT "payment_settings_pkey" PRIMARY KEY ("tenant_id")
);

-- CreateIndex
CREATE INDEX "payments_tenant_id_provider_reference_idx" ON "payments"("tenant_id", "provider_reference");

-- CreateIndex
CREATE UNIQUE INDEX "payments_tenant_id_order_id_key" ON "payments"("tenant_id", "order_id");

-- CreateIndex
CREATE UNIQUE INDEX "payment_transactions_tenant_id_payment_id_kind_idempotency__key" ON "payment_transactions"("tenant_id", "payment_id", "kind", "idempotency_key");

-- CreateIndex
CREATE INDEX "order_refunds_tenant_id_order_id_id_idx" ON "order_refunds"("tenant_id", "order_id", "id");

-- AddForeignKey
ALTER TABLE "payments" ADD CONSTRAINT "payments_tenant_id_order_id_fkey" FOREIGN KEY ("tenant_id", "order_id") REFERENCES "orders"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "payment_transactions" ADD CONSTRAINT "payment_transactions_tenant_id_payment_id_fkey" FOREIGN KEY ("tenant_id", "payment_id") REFERENCES "payments"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "order_refunds" ADD CONSTRAINT "order_refunds_tenant_id_order_id_fkey" FOREIGN KEY ("tenant_id", "order_id") REFERENCES "orders"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- RowLevelSecurity
ALTER TABLE "payments" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "payments" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "payments"
    USING ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''))
    WITH CHECK ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''));

-- RowLevelSecurity
ALTER TABLE "payment_transactions" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "payment_transactions" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "payment_transactions"
    USING ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''))
    WITH CHECK ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''));

-- RowLevelSecurity
ALTER TABLE "order_refunds" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "order_refunds" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "order_refunds"
    USING ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''))
    WITH CHECK ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''));

-- RowLevelSecurity
ALTER TABLE "payment_settings" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "payment_settings" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "payment_settings"
    USING ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''))
    WITH CHECK ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''));

-- Checks
-- No more is captured than authorized, and no more goes back than was captured, whatever happens at the same time.
ALTER TABLE "payments"
    ADD CONSTRAINT "payments_amount_check" CHECK ("amount" > 0),
    ADD CONSTRAINT "payments_authorized_amount_check" CHECK ("authorized_amount" BETWEEN 0 AND "amount"),
    ADD CONSTRAINT "payments_captured_amount_check" CHECK ("captured_amount" BETWEEN 0 AND "authorized_amount"),
    ADD CONSTRAINT "payments_refunded_amount_check" CHECK ("refunded_amount" BETWEEN 0 AND "captured_amount");

ALTER TABLE "payment_transactions"
    ADD CONSTRAINT "payment_transactions_amount_check" CHECK ("amount" > 0);

ALTER TABLE "order_refunds"
    ADD CONSTRAINT "order_refunds_amount_check" CHECK ("amount" > 0);

-- Tasks
-- Across tenants on purpose: recovery looks for the refunds of all stores whose lease has run out.
CREATE INDEX "order_refunds_lease_until_idx" ON "order_refunds"("lease_until") WHERE "finished_at" IS NULL;

CREATE POLICY "refund_recovery" ON "order_refunds" FOR SELECT
    USING ("finished_at" IS NULL AND NULLIF(current_setting('app.task', true), '') = 'refund_recovery');

-- Forgets the keys of all stores whose time is over; younger ones it does not even see.
CREATE INDEX "idempotency_keys_created_at_idx" ON "idempotency_keys"("created_at");

CREATE POLICY "idempotency_expiry" ON "idempotency_keys"
    USING ("created_at" < now() - interval '24 hours' AND NULLIF(current_setting('app.task', true), '') = 'idempotency_expiry')
    WITH CHECK (false);
