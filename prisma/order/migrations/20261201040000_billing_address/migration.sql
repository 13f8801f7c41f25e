-- AlterTable
ALTER TABLE "orders" ADD COLUMN "billing_address" JSONB;
ALTER TABLE "carts" ADD COLUMN "billing_address" JSONB;

-- Checks
ALTER TABLE "order_status_history" DROP CONSTRAINT "order_status_history_statuses_check";
ALTER TABLE "order_status_history" ADD CONSTRAINT "order_status_history_statuses_check" CHECK (CASE "kind"::text
    WHEN 'STATUS' THEN "from"::"OrderStatus" IS DISTINCT FROM "to"::"OrderStatus"
    WHEN 'FINANCIAL_STATUS' THEN "from"::"OrderFinancialStatus" IS DISTINCT FROM "to"::"OrderFinancialStatus"
    WHEN 'FULFILLMENT_STATUS' THEN "from"::"OrderFulfillmentStatus" IS DISTINCT FROM "to"::"OrderFulfillmentStatus"
    WHEN 'DETAILS' THEN "from" IS NULL AND "to" IN ('EMAIL', 'SHIPPING_ADDRESS', 'BILLING_ADDRESS')
END);

-- Backfill
-- A VAT id belongs to whom an order is billed to. It stays in the shipping address, too, where processes of the version before this one look
-- for it. The owner is held by a forced policy as well: lifted within this transaction.
ALTER TABLE "orders" NO FORCE ROW LEVEL SECURITY;
ALTER TABLE "carts" NO FORCE ROW LEVEL SECURITY;
UPDATE "orders" SET "billing_address" = "shipping_address" WHERE "shipping_address"->>'vatId' IS NOT NULL;
UPDATE "carts" SET "billing_address" = "shipping_address" WHERE "shipping_address"->>'vatId' IS NOT NULL;
ALTER TABLE "carts" FORCE ROW LEVEL SECURITY;
ALTER TABLE "orders" FORCE ROW LEVEL SECURITY;
