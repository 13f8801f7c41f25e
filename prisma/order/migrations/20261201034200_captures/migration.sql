-- CreateEnum
CREATE TYPE "CaptureStatus" AS ENUM ('PENDING', 'SUCCEEDED', 'FAILED');

-- AlterTable
ALTER TABLE "payments" ADD COLUMN     "authorization_check_at" TIMESTAMPTZ(3),
ADD COLUMN     "authorization_expires_at" TIMESTAMPTZ(3),
ADD COLUMN     "capture_mode" "CaptureMode" NOT NULL DEFAULT 'AUTOMATIC',
ADD COLUMN     "captures_parts" BOOLEAN NOT NULL DEFAULT false;

-- CreateTable
CREATE TABLE "payment_captures" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "order_id" TEXT NOT NULL,
    "amount" BIGINT NOT NULL,
    "is_final" BOOLEAN NOT NULL,
    "fulfillment_id" TEXT,
    "status" "CaptureStatus" NOT NULL DEFAULT 'PENDING',
    "failure_code" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "payment_captures_pkey" PRIMARY KEY ("tenant_id","id")
);

-- AlterTable
ALTER TABLE "fulfillments" ADD COLUMN     "awaits_capture" BOOLEAN NOT NULL DEFAULT false;

-- CreateIndex
CREATE UNIQUE INDEX "payment_captures_tenant_id_fulfillment_id_key" ON "payment_captures"("tenant_id", "fulfillment_id");

-- CreateIndex
CREATE INDEX "payment_captures_tenant_id_order_id_id_idx" ON "payment_captures"("tenant_id", "order_id", "id");

-- AddForeignKey
ALTER TABLE "payment_captures" ADD CONSTRAINT "payment_captures_tenant_id_order_id_fkey" FOREIGN KEY ("tenant_id", "order_id") REFERENCES "orders"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "payment_captures" ADD CONSTRAINT "payment_captures_tenant_id_fulfillment_id_fkey" FOREIGN KEY ("tenant_id", "fulfillment_id") REFERENCES "fulfillments"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- RowLevelSecurity
ALTER TABLE "payment_captures" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "payment_captures" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "payment_captures"
    USING ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''))
    WITH CHECK ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''));

-- Checks
ALTER TABLE "payment_captures"
    ADD CONSTRAINT "payment_captures_amount_check" CHECK ("amount" > 0);

-- Indexes
CREATE INDEX "payments_authorization_expires_at_idx" ON "payments"("tenant_id", "authorization_expires_at")
    WHERE "status" IN ('AUTHORIZED', 'PARTIALLY_CAPTURED');

-- Tasks
-- Across tenants on purpose: the task looks for the authorizations of all stores that are about to end. As with payment_expiry, the cast keeps the
-- planner from reading this index for every list of payments.
CREATE INDEX "payments_authorization_check_at_idx" ON "payments"("authorization_check_at")
    WHERE "status" IN ('AUTHORIZED', 'PARTIALLY_CAPTURED');

CREATE POLICY "authorization_expiry" ON "payments" FOR SELECT
    USING ("status"::text IN ('AUTHORIZED', 'PARTIALLY_CAPTURED') AND "authorization_check_at" <= now()
        AND NULLIF(current_setting('app.task', true), '') = 'authorization_expiry');

-- Backfill
ALTER TABLE "payments" NO FORCE ROW LEVEL SECURITY;
ALTER TABLE "payment_settings" NO FORCE ROW LEVEL SECURITY;
ALTER TABLE "payment_captures" NO FORCE ROW LEVEL SECURITY;
ALTER TABLE "order_sagas" NO FORCE ROW LEVEL SECURITY;

UPDATE "payments" SET "capture_mode" = 'MANUAL' FROM "payment_settings" AS "settings"
    WHERE "settings"."tenant_id" = "payments"."tenant_id" AND "settings"."capture_mode" = 'MANUAL';
-- What is authorized and whose saga is finished waits for staff, whatever the store has chosen since.
UPDATE "payments" SET "capture_mode" = 'MANUAL' FROM "order_sagas" AS "saga"
    WHERE "saga"."tenant_id" = "payments"."tenant_id" AND "saga"."order_id" = "payments"."order_id"
    AND "payments"."status" = 'AUTHORIZED' AND "saga"."step" = 'DONE';
-- Stripe holds money for seven days.
UPDATE "payments" SET "authorization_expires_at" = "created_at" + interval '7 days', "authorization_check_at" = "created_at" + interval '5 days'
    WHERE "status" = 'AUTHORIZED';
-- Captures that staff asked for, and that are not made yet.
INSERT INTO "payment_captures" ("tenant_id", "id", "order_id", "amount", "is_final")
    SELECT "saga"."tenant_id", new_id('pcap'), "saga"."order_id", "payments"."authorized_amount" - "payments"."captured_amount", true
    FROM "order_sagas" AS "saga" JOIN "payments" ON "payments"."tenant_id" = "saga"."tenant_id" AND "payments"."order_id" = "saga"."order_id"
    WHERE "saga"."capture_asked" AND "saga"."step" = 'CAPTURE_PAYMENT' AND "payments"."status" = 'AUTHORIZED';

ALTER TABLE "order_sagas" DROP COLUMN "capture_asked";

ALTER TABLE "payments" FORCE ROW LEVEL SECURITY;
ALTER TABLE "payment_settings" FORCE ROW LEVEL SECURITY;
ALTER TABLE "payment_captures" FORCE ROW LEVEL SECURITY;
ALTER TABLE "order_sagas" FORCE ROW LEVEL SECURITY;
