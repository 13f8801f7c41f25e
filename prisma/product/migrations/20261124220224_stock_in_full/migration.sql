-- CreateEnum
CREATE TYPE "InventoryPolicy" AS ENUM ('DENY', 'CONTINUE');

-- AlterEnum
ALTER TYPE "ReservationStatus" ADD VALUE 'EXPIRED';

-- AlterTable
ALTER TABLE "product_variants" ADD COLUMN     "inventory_policy" "InventoryPolicy" NOT NULL DEFAULT 'DENY',
ADD COLUMN     "low_stock_threshold" INTEGER;

-- AlterTable
ALTER TABLE "stock_movements" ADD COLUMN     "idempotency_key" TEXT,
ADD COLUMN     "reason" TEXT,
ADD COLUMN     "request_hash" TEXT;

-- AlterTable
ALTER TABLE "stock_reservation_lines" ADD COLUMN     "returned_quantity" INTEGER NOT NULL DEFAULT 0;

-- AlterTable
ALTER TABLE "stock_reservations" ADD COLUMN     "expires_at" TIMESTAMPTZ(3) NOT NULL DEFAULT (now() + '00:15:00'::interval),
ALTER COLUMN "updated_at" SET DEFAULT CURRENT_TIMESTAMP;

-- CreateTable
CREATE TABLE "stock_returns" (
    "tenant_id" TEXT NOT NULL,
    "order_id" TEXT NOT NULL,
    "return_id" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "stock_returns_pkey" PRIMARY KEY ("tenant_id","order_id","return_id")
);

-- CreateIndex
CREATE UNIQUE INDEX "stock_movements_tenant_id_idempotency_key_key" ON "stock_movements"("tenant_id", "idempotency_key");

-- AddForeignKey
ALTER TABLE "stock_returns" ADD CONSTRAINT "stock_returns_tenant_id_order_id_fkey" FOREIGN KEY ("tenant_id", "order_id") REFERENCES "stock_reservations"("tenant_id", "order_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- RowLevelSecurity
ALTER TABLE "stock_returns" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "stock_returns" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "stock_returns"
    USING ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''))
    WITH CHECK ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''));

-- Checks
-- Stock can't be sold twice, whatever the code above does; only a variant that is sold on backorder may owe some.
ALTER TABLE "product_variants" DROP CONSTRAINT "product_variants_available_check";
ALTER TABLE "product_variants"
    ADD CONSTRAINT "product_variants_available_check" CHECK ("available" >= 0 OR "inventory_policy" = 'CONTINUE'),
    ADD CONSTRAINT "product_variants_low_stock_threshold_check" CHECK ("low_stock_threshold" >= 0);

ALTER TABLE "stock_reservation_lines"
    ADD CONSTRAINT "stock_reservation_lines_returned_quantity_check" CHECK ("returned_quantity" BETWEEN 0 AND "quantity");

-- A kind says which way it goes. An adjustment to what was there already is a count that found no difference.
ALTER TABLE "stock_movements"
    ADD CONSTRAINT "stock_movements_quantity_check" CHECK (CASE
        WHEN "kind" IN ('RESERVATION', 'SALE') THEN "quantity" < 0
        WHEN "kind" IN ('RELEASE', 'RETURN') THEN "quantity" > 0
        ELSE true END);

-- Tasks
-- Work that spans tenants names its task, and sees by it only what it needs to find what is to be done, for whom.
CREATE OR REPLACE FUNCTION "set_task"("task" text) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    EXECUTE format('SET LOCAL app.task = %L', task);
END
$$;

CREATE POLICY "reservation_expiry" ON "stock_reservations" FOR SELECT
    USING ("status" = 'RESERVED' AND "expires_at" <= now() AND NULLIF(current_setting('app.task', true), '') = 'reservation_expiry');

-- Across tenants on purpose: the expiry looks for the reservations of all stores whose time is over.
CREATE INDEX "stock_reservations_expires_at_idx" ON "stock_reservations"("expires_at") WHERE "status" = 'RESERVED';

-- Functions
-- A TypeID, as newId makes them: the prefix, and a UUIDv7 in Crockford's base 32. For statements that write a row for each of
-- a number of others that only the database knows.
CREATE FUNCTION "new_id"("prefix" text) RETURNS text LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT prefix || '_' || string_agg(
        substr('0123456789abcdefghjkmnpqrstvwxyz', substring(bits FROM n * 5 + 1 FOR 5)::bit(5)::int + 1, 1), '' ORDER BY n)
    FROM (SELECT B'00' || ('x' || translate(uuidv7()::text, '-', ''))::bit(128) AS bits) AS id, generate_series(0, 25) AS n
$$;
