-- AlterTable
ALTER TABLE "product_search" ADD COLUMN     "language" TEXT NOT NULL DEFAULT 'english';

-- CreateTable
CREATE TABLE "store_languages" (
    "tenant_id" TEXT NOT NULL,
    "language" TEXT NOT NULL,
    "reindex_until" TIMESTAMPTZ(3),

    CONSTRAINT "store_languages_pkey" PRIMARY KEY ("tenant_id")
);

-- RowLevelSecurity
ALTER TABLE "store_languages" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "store_languages" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "store_languages"
    USING ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''))
    WITH CHECK ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''));

-- Tasks
-- Shows, to read, in which stores documents are to be made anew; that is then done as the store itself.
CREATE POLICY "search_language" ON "store_languages" FOR SELECT
    USING ("reindex_until" IS NOT NULL AND NULLIF(current_setting('app.task', true), '') = 'search_language');

-- Functions
DROP FUNCTION "search_query"(text);
DROP FUNCTION "search_document"(text, text, text);

-- All of a query's words, each as the beginning of a word as it is written, or all of their stems. Null when it has none.
CREATE FUNCTION "search_query"("query" text, "language" text DEFAULT 'english') RETURNS tsquery LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT to_tsquery('simple', every) || to_tsquery(language::regconfig, every)
    FROM (SELECT string_agg(quote_literal(word) || ':*', ' & ') AS every FROM unnest(search_words(query)) AS word) AS words
$$;

CREATE FUNCTION "search_document"("name" text, "labels" text, "description" text, "language" text DEFAULT 'english') RETURNS tsvector LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT setweight(to_tsvector('simple', search_text(name)) || to_tsvector(language::regconfig, search_text(name)), 'A')
        || setweight(to_tsvector('simple', search_text(labels)) || to_tsvector(language::regconfig, search_text(labels)), 'B')
        || setweight(to_tsvector(language::regconfig, search_text(description)), 'D')
$$;

-- The language of a store's search.
CREATE FUNCTION "search_language"("store" text) RETURNS text LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT coalesce((SELECT language FROM store_languages WHERE tenant_id = store), 'english')
$$;

CREATE OR REPLACE FUNCTION "refresh_product_search"() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    labels text := concat_ws(' ', NEW.vendor, NEW.product_type, array_to_string(NEW.tags, ' '));
    chosen text := search_language(NEW.tenant_id);
BEGIN
    INSERT INTO product_search (tenant_id, product_id, document, words, language)
    VALUES (NEW.tenant_id, NEW.id, search_document(NEW.name, labels, NEW.description, chosen),
        search_text(concat_ws(' ', NEW.name, labels)), chosen)
    ON CONFLICT (tenant_id, product_id) DO UPDATE
    SET document = EXCLUDED.document, words = EXCLUDED.words, language = EXCLUDED.language;
    RETURN NULL;
END
$$;
