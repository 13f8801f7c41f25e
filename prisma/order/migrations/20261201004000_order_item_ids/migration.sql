-- A TypeID, as newId makes them: the prefix, and a UUIDv7 in Crockford's base 32. Here for the rows that exist, and for those that
-- a process of the version before writes during an update.
CREATE FUNCTION "new_id"("prefix" text) RETURNS text LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT prefix || '_' || string_agg(
        substr('0123456789abcdefghjkmnpqrstvwxyz', substring(bits FROM n * 5 + 1 FOR 5)::bit(5)::int + 1, 1), '' ORDER BY n)
    FROM (SELECT B'00' || ('x' || translate(uuidv7()::text, '-', ''))::bit(128) AS bits) AS id, generate_series(0, 25) AS n
$$;

-- AlterTable
ALTER TABLE "order_items" ADD COLUMN     "id" TEXT NOT NULL DEFAULT new_id('oitm'),
ADD COLUMN     "option_values" JSONB NOT NULL DEFAULT '[]',
ADD COLUMN     "image" JSONB;

-- CreateIndex
CREATE UNIQUE INDEX "order_items_tenant_id_id_key" ON "order_items"("tenant_id", "id");
