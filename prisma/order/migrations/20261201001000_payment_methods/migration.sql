-- CreateEnum
CREATE TYPE "PaymentMethodKind" AS ENUM ('STRIPE', 'BANK_TRANSFER', 'CASH_ON_DELIVERY', 'INVOICE', 'TEST');

-- AlterEnum
-- What was called MANUAL is money that goes no way through this system. A new value can't be used in the transaction that adds it, so the
-- old one gets the new name, and its rows with it.
ALTER TYPE "PaymentProviderName" RENAME VALUE 'MANUAL' TO 'OFFLINE';
ALTER TYPE "PaymentProviderName" ADD VALUE 'TEST';

-- AlterTable
ALTER TABLE "orders" ALTER COLUMN "payment_method" DROP NOT NULL,
ADD COLUMN     "payment_method_id" TEXT,
ADD COLUMN     "payment_method_name" TEXT,
ADD COLUMN     "payment_instructions" TEXT;

-- CreateTable
CREATE TABLE "payment_methods" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "kind" "PaymentMethodKind" NOT NULL,
    "name" TEXT NOT NULL,
    "instructions" TEXT,
    "is_active" BOOLEAN NOT NULL DEFAULT true,
    "position" INTEGER NOT NULL,
    "country_codes" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "currency_codes" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "minimum_total_amount" BIGINT,
    "maximum_total_amount" BIGINT,
    "total_currency_code" TEXT,
    "hold_hours" INTEGER,
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "payment_methods_pkey" PRIMARY KEY ("tenant_id","id")
);

-- RowLevelSecurity
ALTER TABLE "payment_methods" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "payment_methods" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "payment_methods"
    USING ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''))
    WITH CHECK ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''));

-- Checks
ALTER TABLE "payment_methods"
    ADD CONSTRAINT "payment_methods_totals_check" CHECK (
        "minimum_total_amount" >= 0 AND "maximum_total_amount" >= coalesce("minimum_total_amount", 0)
        AND ("total_currency_code" IS NULL) = (num_nonnulls("minimum_total_amount", "maximum_total_amount") = 0)),
    ADD CONSTRAINT "payment_methods_hold_hours_check" CHECK (
        "hold_hours" IS NULL OR ("hold_hours" > 0 AND "kind" NOT IN ('STRIPE', 'TEST')));

-- Backfill
-- The owner, too, is held by a forced policy: lifted within this transaction, for these rows. A store that was paid goes on being paid, in the
-- ways it was: what was MANUAL is on invoice, and is called paid when staff say so.
ALTER TABLE "orders" NO FORCE ROW LEVEL SECURITY;
ALTER TABLE "payment_settings" NO FORCE ROW LEVEL SECURITY;
ALTER TABLE "payment_methods" NO FORCE ROW LEVEL SECURITY;

UPDATE "orders" SET "payment_method" = 'INVOICE' WHERE "payment_method" = 'MANUAL';

INSERT INTO "payment_methods" ("tenant_id", "id", "kind", "name", "position", "updated_at")
SELECT "tenant_id", 'pmth_0' || left(md5("tenant_id" || "kind"), 25), "kind"::"PaymentMethodKind", "name", "position", now()
FROM (
    SELECT DISTINCT "tenant_id", 'STRIPE' AS "kind", 'Card' AS "name", 0 AS "position" FROM (
        SELECT "tenant_id" FROM "payment_settings" WHERE "stripe_account_id" IS NOT NULL
        UNION SELECT "tenant_id" FROM "orders" WHERE "payment_method" = 'STRIPE') AS "with_stripe"
    UNION ALL SELECT DISTINCT "tenant_id", 'INVOICE', 'Invoice', 1 FROM "orders" WHERE "payment_method" = 'INVOICE'
) AS "used";

ALTER TABLE "orders" FORCE ROW LEVEL SECURITY;
ALTER TABLE "payment_settings" FORCE ROW LEVEL SECURITY;
ALTER TABLE "payment_methods" FORCE ROW LEVEL SECURITY;
