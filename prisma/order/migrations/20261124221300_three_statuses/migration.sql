-- CreateEnum
CREATE TYPE "OrderFinancialStatus" AS ENUM ('PENDING', 'AUTHORIZED', 'PAID', 'PARTIALLY_REFUNDED', 'REFUNDED', 'VOIDED');

-- CreateEnum
CREATE TYPE "OrderFulfillmentStatus" AS ENUM ('UNFULFILLED', 'PARTIALLY_FULFILLED', 'FULFILLED');

-- CreateEnum
CREATE TYPE "OrderStatusKind" AS ENUM ('STATUS', 'FINANCIAL_STATUS', 'FULFILLMENT_STATUS');

-- AlterTable
ALTER TABLE "order_status_history" ADD COLUMN     "kind" "OrderStatusKind" NOT NULL DEFAULT 'STATUS',
    ALTER COLUMN "from" TYPE TEXT USING "from"::text,
    ALTER COLUMN "to" TYPE TEXT USING "to"::text;

-- AlterTable
ALTER TABLE "orders" ADD COLUMN     "financial_status" "OrderFinancialStatus" NOT NULL DEFAULT 'PENDING',
ADD COLUMN     "fulfillment_status" "OrderFulfillmentStatus" NOT NULL DEFAULT 'UNFULFILLED';

-- Checks
ALTER TABLE "order_status_history" ADD CONSTRAINT "order_status_history_statuses_check" CHECK (CASE "kind"
    WHEN 'STATUS' THEN "from"::"OrderStatus" IS DISTINCT FROM "to"::"OrderStatus"
    WHEN 'FINANCIAL_STATUS' THEN "from"::"OrderFinancialStatus" IS DISTINCT FROM "to"::"OrderFinancialStatus"
    WHEN 'FULFILLMENT_STATUS' THEN "from"::"OrderFulfillmentStatus" IS DISTINCT FROM "to"::"OrderFulfillmentStatus"
END);

-- Backfill
-- What was handed over in full is so in its new status, and of what was called off no money is expected. The owner, too, is
-- held by a forced policy: lifted within this transaction, for these rows.
ALTER TABLE "orders" NO FORCE ROW LEVEL SECURITY;
UPDATE "orders" SET "fulfillment_status" = 'FULFILLED' WHERE "status" = 'FULFILLED';
UPDATE "orders" SET "financial_status" = 'VOIDED' WHERE "status" = 'CANCELED';
ALTER TABLE "orders" FORCE ROW LEVEL SECURITY;
