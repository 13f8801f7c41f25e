-- A store ships to zones, each with its rates. Until now each rate had its own countries.
CREATE TABLE "shipping_zones" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "locations" JSONB NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "shipping_zones_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateEnum
CREATE TYPE "ShippingMeasure" AS ENUM ('SUBTOTAL', 'WEIGHT', 'QUANTITY');

ALTER TABLE "shipping_rates"
    ADD COLUMN "zone_id" TEXT,
    ADD COLUMN "measure" "ShippingMeasure",
    ADD COLUMN "tiers" JSONB NOT NULL DEFAULT '[]',
    ADD COLUMN "min_days" INTEGER,
    ADD COLUMN "max_days" INTEGER;

-- The rates of a store with the same countries become those of one zone. A forced policy applies to the table's owner, too: it is lifted
-- within this transaction.
ALTER TABLE "shipping_rates" NO FORCE ROW LEVEL SECURITY;
WITH lists AS (
    SELECT "tenant_id", "country_codes", min("created_at") AS "created_at" FROM "shipping_rates" GROUP BY 1, 2
)
INSERT INTO "shipping_zones" ("tenant_id", "id", "name", "locations", "created_at", "updated_at")
SELECT "tenant_id",
    -- A TypeID, as newId makes them: the prefix, and a UUIDv7 in Crockford's base 32.
    'szon_' || (SELECT string_agg(
        substr('0123456789abcdefghjkmnpqrstvwxyz', substring(bits FROM n * 5 + 1 FOR 5)::bit(5)::int + 1, 1), '' ORDER BY n)
        FROM (SELECT B'00' || ('x' || translate(uuidv7()::text, '-', ''))::bit(128) AS bits WHERE "tenant_id" <> '') AS made,
            generate_series(0, 25) AS n),
    CASE WHEN "country_codes" = '{}' THEN 'Rest of the world' ELSE left(array_to_string("country_codes", ', '), 64) END,
    (SELECT coalesce(jsonb_agg(jsonb_build_object('countryCode', code, 'provinceCodes', '[]'::jsonb, 'postalCodes', '[]'::jsonb) ORDER BY code), '[]')
     FROM unnest("country_codes") AS code),
    "created_at", now()
FROM lists;

UPDATE "shipping_rates" AS rate SET "zone_id" = zone."id" FROM "shipping_zones" AS zone
WHERE zone."tenant_id" = rate."tenant_id"
    AND ARRAY(SELECT location->>'countryCode' FROM jsonb_array_elements(zone."locations") AS location ORDER BY 1) = ARRAY(SELECT unnest(rate."country_codes") ORDER BY 1);
ALTER TABLE "shipping_rates" FORCE ROW LEVEL SECURITY;

ALTER TABLE "shipping_rates" ALTER COLUMN "zone_id" SET NOT NULL;
ALTER TABLE "shipping_rates" DROP COLUMN "country_codes";

-- CreateIndex
CREATE INDEX "shipping_rates_tenant_id_zone_id_idx" ON "shipping_rates"("tenant_id", "zone_id");

-- AddForeignKey
ALTER TABLE "shipping_rates" ADD CONSTRAINT "shipping_rates_tenant_id_zone_id_fkey" FOREIGN KEY ("tenant_id", "zone_id") REFERENCES "shipping_zones"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- RowLevelSecurity
ALTER TABLE "shipping_zones" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "shipping_zones" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "shipping_zones"
    USING ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''))
    WITH CHECK ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''));

-- Checks
ALTER TABLE "shipping_zones"
    ADD CONSTRAINT "shipping_zones_locations_check" CHECK (jsonb_typeof("locations") = 'array');

ALTER TABLE "shipping_rates"
    ADD CONSTRAINT "shipping_rates_tiers_check" CHECK (jsonb_typeof("tiers") = 'array' AND ("measure" IS NULL) = ("tiers" = '[]')),
    ADD CONSTRAINT "shipping_rates_days_check" CHECK (
        num_nulls("min_days", "max_days") IN (0, 2) AND "min_days" >= 0 AND "max_days" >= "min_days");

-- How long the chosen option was to take, as the buyer was told.
ALTER TABLE "orders"
    ADD COLUMN "shipping_min_days" INTEGER,
    ADD COLUMN "shipping_max_days" INTEGER,
    ADD CONSTRAINT "orders_shipping_days_check" CHECK (num_nulls("shipping_min_days", "shipping_max_days") IN (0, 2));
