-- Triggers
-- A product has its row of sales from the moment it is added, whatever adds it: a list in the order of sales is then read off the
-- index of these rows, and leaves out none.
CREATE FUNCTION "begin_product_sales"() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO product_sales (tenant_id, product_id, sold_quantity) VALUES (NEW.tenant_id, NEW.id, 0)
    ON CONFLICT (tenant_id, product_id) DO NOTHING;
    RETURN NULL;
END
$$;

CREATE TRIGGER "product_sales" AFTER INSERT ON "products" FOR EACH ROW EXECUTE FUNCTION "begin_product_sales"();

-- Backfill
-- The owner, too, is held by a forced policy: lifted within this transaction, for these rows.
ALTER TABLE "products" NO FORCE ROW LEVEL SECURITY;
ALTER TABLE "product_sales" NO FORCE ROW LEVEL SECURITY;
INSERT INTO "product_sales" ("tenant_id", "product_id", "sold_quantity") SELECT "tenant_id", "id", 0 FROM "products"
ON CONFLICT ("tenant_id", "product_id") DO NOTHING;
ALTER TABLE "products" FORCE ROW LEVEL SECURITY;
ALTER TABLE "product_sales" FORCE ROW LEVEL SECURITY;
