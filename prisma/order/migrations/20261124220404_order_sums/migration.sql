-- AlterTable
ALTER TABLE "order_items" ADD COLUMN     "discount_amount" BIGINT NOT NULL DEFAULT 0,
ADD COLUMN     "tax_amount" BIGINT NOT NULL DEFAULT 0;

-- AlterTable
ALTER TABLE "orders" ADD COLUMN     "discount_amount" BIGINT,
ADD COLUMN     "shipping_amount" BIGINT,
ADD COLUMN     "shipping_tax_amount" BIGINT,
ADD COLUMN     "subtotal_amount" BIGINT,
ADD COLUMN     "tax_amount" BIGINT,
ADD COLUMN     "tax_included" BOOLEAN NOT NULL DEFAULT false;

-- Existing rows: what was bought before there were discounts, shipping and tax is all subtotal. The owner, too, is held by a
-- forced policy: lifted within this transaction, for these rows.
ALTER TABLE "orders" NO FORCE ROW LEVEL SECURITY;
UPDATE "orders" SET "subtotal_amount" = "total_amount", "discount_amount" = 0, "shipping_amount" = 0, "tax_amount" = 0, "shipping_tax_amount" = 0
WHERE "total_amount" IS NOT NULL;
ALTER TABLE "orders" FORCE ROW LEVEL SECURITY;

-- Checks
ALTER TABLE "orders"
    ADD CONSTRAINT "orders_amounts_check" CHECK (
        "subtotal_amount" >= 0 AND "discount_amount" BETWEEN 0 AND "subtotal_amount" AND "shipping_amount" >= 0
        AND "tax_amount" >= "shipping_tax_amount" AND "shipping_tax_amount" >= 0),
    ADD CONSTRAINT "orders_sum_check" CHECK (
        "total_amount" = "subtotal_amount" - "discount_amount" + "shipping_amount"
            + CASE WHEN "tax_included" THEN 0 ELSE "tax_amount" END),
    ADD CONSTRAINT "orders_priced_check" CHECK (
        num_nulls("subtotal_amount", "discount_amount", "shipping_amount", "tax_amount", "shipping_tax_amount", "total_amount") IN (0, 6));

ALTER TABLE "order_items"
    ADD CONSTRAINT "order_items_discount_amount_check" CHECK ("discount_amount" BETWEEN 0 AND "total_price_amount"),
    ADD CONSTRAINT "order_items_tax_amount_check" CHECK ("tax_amount" >= 0);
