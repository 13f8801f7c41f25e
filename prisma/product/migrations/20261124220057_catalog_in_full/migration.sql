-- AlterTable
ALTER TABLE "categories" ADD COLUMN     "description" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "seo_description" TEXT,
ADD COLUMN     "seo_title" TEXT,
ADD COLUMN     "version" INTEGER NOT NULL DEFAULT 1;

-- AlterTable
ALTER TABLE "product_metafields" ADD COLUMN     "is_public" BOOLEAN NOT NULL DEFAULT false;

-- AlterTable
ALTER TABLE "products" ADD COLUMN     "currency_code" TEXT NOT NULL DEFAULT '';

-- CreateIndex
-- One variant a combination of option values. Deferred to the commit, so that values can be exchanged for one another.
ALTER TABLE "product_variants" ADD CONSTRAINT "product_variants_combination_key"
    UNIQUE ("tenant_id", "product_id", "option_values") DEFERRABLE INITIALLY DEFERRED;

-- View
-- With the rights and the policies of who asks. The moment is the database's: a product that is published in the future
-- shows itself when the time has come, and no process has to do anything for it.
CREATE VIEW "products_on_sale" WITH (security_invoker = true) AS
    SELECT "tenant_id", "id" AS "product_id" FROM "products" WHERE "status" = 'ACTIVE' AND "published_at" <= now();

-- Checks
ALTER TABLE "products"
    ADD CONSTRAINT "products_price_range_check" CHECK (0 <= "min_price_amount" AND "min_price_amount" <= "max_price_amount");
ALTER TABLE "categories" ADD CONSTRAINT "categories_parent_id_check" CHECK ("parent_id" <> "id");

-- Backfill
-- Until now nothing could take a product off sale, nor was its price range kept. The owner, too, is held by a forced
-- policy: lifted within this transaction, for these rows.
ALTER TABLE "products" NO FORCE ROW LEVEL SECURITY;
ALTER TABLE "product_variants" NO FORCE ROW LEVEL SECURITY;
UPDATE "products" SET "published_at" = "created_at" WHERE "status" = 'ACTIVE' AND "published_at" IS NULL;
UPDATE "products" SET "min_price_amount" = "lowest", "max_price_amount" = "highest", "currency_code" = "currency"
FROM (SELECT "tenant_id" AS "tenant", "product_id", min("price_amount") AS "lowest", max("price_amount") AS "highest",
             min("currency_code") AS "currency"
      FROM "product_variants" GROUP BY 1, 2) AS "prices"
WHERE "tenant_id" = "tenant" AND "id" = "prices"."product_id";
ALTER TABLE "products" FORCE ROW LEVEL SECURITY;
ALTER TABLE "product_variants" FORCE ROW LEVEL SECURITY;
