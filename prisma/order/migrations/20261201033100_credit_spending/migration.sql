-- AlterEnum
ALTER TYPE "SagaStep" ADD VALUE 'SPEND_CREDIT';

-- AlterTable
ALTER TABLE "carts" ADD COLUMN     "gift_card_ids" TEXT[] DEFAULT ARRAY[]::TEXT[],
ADD COLUMN     "uses_store_credit" BOOLEAN NOT NULL DEFAULT false;

-- AlterTable
ALTER TABLE "order_quotes" ADD COLUMN     "credit" JSONB;

-- AlterTable
ALTER TABLE "order_refunds" ADD COLUMN     "credits" JSONB NOT NULL DEFAULT '[]';

-- CreateTable
CREATE TABLE "order_credits" (
    "tenant_id" TEXT NOT NULL,
    "order_id" TEXT NOT NULL,
    "account_id" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "amount" BIGINT NOT NULL,
    "refunded_amount" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "order_credits_pkey" PRIMARY KEY ("tenant_id","order_id","account_id")
);

-- CreateIndex
CREATE INDEX "order_credits_tenant_id_account_id_idx" ON "order_credits"("tenant_id", "account_id");

-- AddForeignKey
ALTER TABLE "order_credits" ADD CONSTRAINT "order_credits_tenant_id_order_id_fkey" FOREIGN KEY ("tenant_id", "order_id") REFERENCES "orders"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "order_credits" ADD CONSTRAINT "order_credits_tenant_id_account_id_fkey" FOREIGN KEY ("tenant_id", "account_id") REFERENCES "credit_accounts"("tenant_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- RowLevelSecurity
ALTER TABLE "order_credits" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "order_credits" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "order_credits"
    USING ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''))
    WITH CHECK ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''));

-- Checks
ALTER TABLE "order_credits"
    ADD CONSTRAINT "order_credits_amount_check" CHECK ("amount" > 0 AND "refunded_amount" BETWEEN 0 AND "amount");
