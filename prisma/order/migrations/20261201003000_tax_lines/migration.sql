-- A tax rate has four decimals of a percent, and a place several rates.
ALTER TABLE "tax_rates" ADD COLUMN "rate" INTEGER,
ADD COLUMN "priority" INTEGER NOT NULL DEFAULT 1,
ADD COLUMN "is_compound" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN "postal_codes" TEXT[] NOT NULL DEFAULT ARRAY[]::TEXT[];
ALTER TABLE "tax_settings" ADD COLUMN "rounding" TEXT NOT NULL DEFAULT 'LINE';
ALTER TABLE "orders" ADD COLUMN "tax_lines" JSONB NOT NULL DEFAULT '[]',
ADD COLUMN "tax_rounding" TEXT NOT NULL DEFAULT 'LINE';
ALTER TABLE "order_items" ADD COLUMN "tax_lines" JSONB NOT NULL DEFAULT '[]';

-- A forced policy applies to the table's owner, too: it is lifted within this transaction.
ALTER TABLE "tax_rates" NO FORCE ROW LEVEL SECURITY;
ALTER TABLE "orders" NO FORCE ROW LEVEL SECURITY;
ALTER TABLE "order_items" NO FORCE ROW LEVEL SECURITY;
UPDATE "tax_rates" SET "rate" = "basis_points" * 100;
UPDATE "order_items" AS item SET "tax_lines" = jsonb_build_array(
    jsonb_build_object('name', "tax_name", 'rate', "tax_basis_points" * 100, 'amount', item."tax_amount"::text))
FROM "orders" WHERE orders."tenant_id" = item."tenant_id" AND orders."id" = item."order_id" AND "tax_name" IS NOT NULL;
UPDATE "orders" SET "tax_lines" = jsonb_build_array(
    jsonb_build_object('name', "tax_name", 'rate', "tax_basis_points" * 100, 'amount', "tax_amount"::text))
WHERE "tax_name" IS NOT NULL;
ALTER TABLE "tax_rates" FORCE ROW LEVEL SECURITY;
ALTER TABLE "orders" FORCE ROW LEVEL SECURITY;
ALTER TABLE "order_items" FORCE ROW LEVEL SECURITY;

ALTER TABLE "orders" DROP CONSTRAINT "orders_tax_rate_check",
DROP COLUMN "tax_basis_points",
DROP COLUMN "tax_name";
DROP INDEX "tax_rates_tenant_id_country_code_province_key";
ALTER TABLE "tax_rates" ALTER COLUMN "rate" SET NOT NULL,
DROP COLUMN "basis_points";
CREATE UNIQUE INDEX "tax_rates_tenant_id_country_code_province_postal_codes_prio_key" ON "tax_rates"("tenant_id", "country_code", "province", "postal_codes", "priority");

ALTER TABLE "tax_rates" ADD CONSTRAINT "tax_rates_rate_check" CHECK ("rate" BETWEEN 0 AND 1000000 AND "priority" BETWEEN 1 AND 5);
ALTER TABLE "tax_settings" ADD CONSTRAINT "tax_settings_rounding_check" CHECK ("rounding" IN ('LINE', 'ORDER'));
