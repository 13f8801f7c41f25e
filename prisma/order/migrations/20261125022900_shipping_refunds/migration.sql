-- AlterTable
ALTER TABLE "order_refunds" ADD COLUMN     "shipping_amount" BIGINT NOT NULL DEFAULT 0;

-- Checks
ALTER TABLE "order_refunds"
    ADD CONSTRAINT "order_refunds_shipping_amount_check" CHECK ("shipping_amount" BETWEEN 0 AND "amount");
