-- CreateEnum
CREATE TYPE "OrderDisputeStatus" AS ENUM ('INQUIRY_NEEDS_RESPONSE', 'INQUIRY_UNDER_REVIEW', 'NEEDS_RESPONSE', 'UNDER_REVIEW', 'INQUIRY_CLOSED', 'PREVENTED', 'WON', 'LOST');

-- AlterTable
ALTER TABLE "payments" ADD COLUMN     "disputed_amount" BIGINT NOT NULL DEFAULT 0;

-- CreateTable
CREATE TABLE "order_disputes" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "order_id" TEXT NOT NULL,
    "provider_reference" TEXT NOT NULL,
    "status" "OrderDisputeStatus" NOT NULL,
    "reason" TEXT NOT NULL,
    "amount" BIGINT NOT NULL,
    "currency_code" TEXT NOT NULL,
    "withheld_amount" BIGINT NOT NULL,
    "evidence_due_at" TIMESTAMPTZ(3),
    "opened_at" TIMESTAMPTZ(3) NOT NULL,
    "closed_at" TIMESTAMPTZ(3),
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "order_disputes_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateIndex
CREATE INDEX "order_disputes_tenant_id_order_id_id_idx" ON "order_disputes"("tenant_id", "order_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "order_disputes_tenant_id_provider_reference_key" ON "order_disputes"("tenant_id", "provider_reference");

-- AddForeignKey
ALTER TABLE "order_disputes" ADD CONSTRAINT "order_disputes_tenant_id_order_id_fkey" FOREIGN KEY ("tenant_id", "order_id") REFERENCES "orders"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- RowLevelSecurity
ALTER TABLE "order_disputes" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "order_disputes" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "order_disputes"
    USING ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''))
    WITH CHECK ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''));

-- Checks
ALTER TABLE "payments"
    ADD CONSTRAINT "payments_disputed_amount_check" CHECK ("disputed_amount" >= 0);

ALTER TABLE "order_disputes"
    ADD CONSTRAINT "order_disputes_amount_check" CHECK ("amount" > 0),
    ADD CONSTRAINT "order_disputes_withheld_amount_check" CHECK ("withheld_amount" >= 0);

-- Indexes
-- An open dispute is rare: what has none is in no index.
CREATE INDEX "order_disputes_open_idx" ON "order_disputes"("tenant_id", "order_id") WHERE "closed_at" IS NULL;
