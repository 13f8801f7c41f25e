-- AlterTable
ALTER TABLE "discounts"
    ADD COLUMN     "amount_per_item" BOOLEAN NOT NULL DEFAULT false,
    ADD COLUMN     "buy_x_get_y" JSONB,
    ADD COLUMN     "combines_with" TEXT[] DEFAULT ARRAY[]::TEXT[],
    ADD COLUMN     "free_shipping" JSONB,
    ADD COLUMN     "items" JSONB,
    ADD COLUMN     "minimum_quantity" INTEGER NOT NULL DEFAULT 0;

-- AlterTable
ALTER TABLE "order_discounts" ADD COLUMN     "discount_class" TEXT NOT NULL DEFAULT 'ORDER';

-- A forced policy applies to the table's owner, too: it is lifted within this transaction.
ALTER TABLE "discounts" NO FORCE ROW LEVEL SECURITY;
ALTER TABLE "discount_redemptions" NO FORCE ROW LEVEL SECURITY;

-- What combined with any other still does. Until now all discounts were on the order as a whole.
UPDATE "discounts" SET "combines_with" = ARRAY['ORDER', 'PRODUCT', 'SHIPPING'] WHERE "combines";

-- A customer is told by their mailbox, as subgraphs/order/discount/mailbox.ts has it: without a tag after "+", and without dots at Google.
UPDATE "discount_redemptions" SET "email" = regexp_replace(split_part("email", '@', 1), '^([^+]+)\+.*$', '\1') || '@' || split_part("email", '@', 2)
    WHERE "email" LIKE '%+%@%';
UPDATE "discount_redemptions" SET "email" = replace(split_part("email", '@', 1), '.', '') || '@gmail.com'
    WHERE split_part("email", '@', 2) IN ('gmail.com', 'googlemail.com');

ALTER TABLE "discounts" FORCE ROW LEVEL SECURITY;
ALTER TABLE "discount_redemptions" FORCE ROW LEVEL SECURITY;

ALTER TABLE "discounts" DROP COLUMN "combines";

-- Checks
ALTER TABLE "discounts"
    DROP CONSTRAINT "discounts_off_check",
    ADD CONSTRAINT "discounts_off_check" CHECK (num_nonnulls("basis_points", "amount", "free_shipping") = 1),
    ADD CONSTRAINT "discounts_minimum_quantity_check" CHECK ("minimum_quantity" >= 0),
    ADD CONSTRAINT "discounts_combines_with_check" CHECK (
        "combines_with" IS NOT NULL AND "combines_with" <@ ARRAY['ORDER', 'PRODUCT', 'SHIPPING']),
    -- What is for each item, or for items that are gotten, is for items.
    ADD CONSTRAINT "discounts_items_check" CHECK ("items" IS NOT NULL OR (NOT "amount_per_item" AND "buy_x_get_y" IS NULL)),
    ADD CONSTRAINT "discounts_shipping_check" CHECK ("free_shipping" IS NULL OR "items" IS NULL);

ALTER TABLE "order_discounts"
    ADD CONSTRAINT "order_discounts_class_check" CHECK ("discount_class" IN ('ORDER', 'PRODUCT', 'SHIPPING'));
