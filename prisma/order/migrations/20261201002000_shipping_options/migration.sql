-- The buyer's choice of a shipping rate. Null on what was priced before: such orders got the cheapest.
ALTER TABLE "carts" ADD COLUMN "shipping_option_id" TEXT;

ALTER TABLE "orders" ADD COLUMN "shipping_option_id" TEXT;
