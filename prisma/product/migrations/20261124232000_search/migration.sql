-- CreateTable
CREATE TABLE "product_search" (
    "tenant_id" TEXT NOT NULL,
    "product_id" TEXT NOT NULL,
    "document" tsvector NOT NULL,
    "words" TEXT NOT NULL,

    CONSTRAINT "product_search_pkey" PRIMARY KEY ("tenant_id","product_id")
);

-- CreateIndex
CREATE INDEX "products_tenant_id_updated_at_id_idx" ON "products"("tenant_id", "updated_at", "id");

-- CreateIndex
CREATE INDEX "products_tenant_id_min_price_amount_id_idx" ON "products"("tenant_id", "min_price_amount", "id");

-- AddForeignKey
ALTER TABLE "product_search" ADD CONSTRAINT "product_search_tenant_id_product_id_fkey" FOREIGN KEY ("tenant_id", "product_id") REFERENCES "products"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- RowLevelSecurity
ALTER TABLE "product_search" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "product_search" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "product_search"
    USING ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''))
    WITH CHECK ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''));

-- Extensions
-- Trusted ones: the owner of a database may install them.
CREATE EXTENSION IF NOT EXISTS "pg_trgm";
CREATE EXTENSION IF NOT EXISTS "unaccent";

-- Functions
-- The words of a text: in lower case, without accents, with a space in between, and nothing that is an operator anywhere.
CREATE FUNCTION "search_text"("value" text) RETURNS text LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT btrim(regexp_replace(lower(unaccent(value)), '[[:space:][:punct:]]+', ' ', 'g'))
$$;

-- A query's first words.
CREATE FUNCTION "search_words"("query" text) RETURNS text[] LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT (string_to_array(search_text(query), ' '))[1:10]
$$;

-- All of a query's words, each as the beginning of a word as it is written, or all of their stems. Null when it has none.
CREATE FUNCTION "search_query"("query" text) RETURNS tsquery LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT to_tsquery('simple', every) || to_tsquery('english', every)
    FROM (SELECT string_agg(quote_literal(word) || ':*', ' & ') AS every FROM unnest(search_words(query)) AS word) AS words
$$;

-- How much each of the words is like one of the text's: that of the least likeness.
CREATE FUNCTION "search_likeness"("words" text[], "value" text) RETURNS real LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT coalesce(min(word_similarity(word, value)), 0) FROM unnest(words) AS word
$$;

CREATE FUNCTION "search_document"("name" text, "labels" text, "description" text) RETURNS tsvector LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT setweight(to_tsvector('simple', search_text(name)) || to_tsvector('english', search_text(name)), 'A')
        || setweight(to_tsvector('simple', search_text(labels)) || to_tsvector('english', search_text(labels)), 'B')
        || setweight(to_tsvector('english', search_text(description)), 'D')
$$;

-- Whatever writes a product writes what it is found by.
CREATE FUNCTION "refresh_product_search"() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    labels text := concat_ws(' ', NEW.vendor, NEW.product_type, array_to_string(NEW.tags, ' '));
BEGIN
    INSERT INTO product_search (tenant_id, product_id, document, words)
    VALUES (NEW.tenant_id, NEW.id, search_document(NEW.name, labels, NEW.description), search_text(concat_ws(' ', NEW.name, labels)))
    ON CONFLICT (tenant_id, product_id) DO UPDATE SET document = EXCLUDED.document, words = EXCLUDED.words;
    RETURN NULL;
END
$$;

CREATE TRIGGER "product_search" AFTER INSERT OR UPDATE OF "name", "vendor", "product_type", "tags", "description" ON "products"
    FOR EACH ROW EXECUTE FUNCTION "refresh_product_search"();

-- Indexes
CREATE INDEX "product_variants_barcode_idx" ON "product_variants"("tenant_id", "barcode") WHERE "barcode" IS NOT NULL;

-- Backfill
-- The owner, too, is held by a forced policy: lifted within this transaction, for these rows.
ALTER TABLE "products" NO FORCE ROW LEVEL SECURITY;
ALTER TABLE "product_search" NO FORCE ROW LEVEL SECURITY;
INSERT INTO "product_search" ("tenant_id", "product_id", "document", "words")
SELECT "tenant_id", "id", search_document("name", "labels", "description"), search_text(concat_ws(' ', "name", "labels"))
FROM "products", LATERAL (SELECT concat_ws(' ', "vendor", "product_type", array_to_string("tags", ' ')) AS "labels") AS "of";
ALTER TABLE "products" FORCE ROW LEVEL SECURITY;
ALTER TABLE "product_search" FORCE ROW LEVEL SECURITY;
