-- AlterTable
ALTER TABLE "product_variants" ADD COLUMN     "barcode" TEXT,
ADD COLUMN     "compare_at_price_amount" BIGINT,
ADD COLUMN     "image_id" TEXT,
ADD COLUMN     "unit_cost_amount" BIGINT,
ADD COLUMN     "weight_grams" INTEGER;

-- AlterTable
ALTER TABLE "products" ADD COLUMN     "external_reference" TEXT,
ADD COLUMN     "max_price_amount" BIGINT NOT NULL DEFAULT 0,
ADD COLUMN     "min_price_amount" BIGINT NOT NULL DEFAULT 0,
ADD COLUMN     "product_type" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "published_at" TIMESTAMPTZ(3),
ADD COLUMN     "seo_description" TEXT,
ADD COLUMN     "seo_title" TEXT,
ADD COLUMN     "tags" TEXT[] DEFAULT ARRAY[]::TEXT[],
ADD COLUMN     "vendor" TEXT NOT NULL DEFAULT '';

-- CreateTable
CREATE TABLE "product_former_slugs" (
    "tenant_id" TEXT NOT NULL,
    "slug" TEXT NOT NULL,
    "product_id" TEXT NOT NULL,

    CONSTRAINT "product_former_slugs_pkey" PRIMARY KEY ("tenant_id","slug")
);

-- CreateTable
CREATE TABLE "product_metafields" (
    "tenant_id" TEXT NOT NULL,
    "product_id" TEXT NOT NULL,
    "namespace" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "value" TEXT NOT NULL,

    CONSTRAINT "product_metafields_pkey" PRIMARY KEY ("tenant_id","product_id","namespace","key")
);

-- CreateIndex
CREATE INDEX "product_former_slugs_tenant_id_product_id_idx" ON "product_former_slugs"("tenant_id", "product_id");

-- CreateIndex
CREATE UNIQUE INDEX "products_tenant_id_external_reference_key" ON "products"("tenant_id", "external_reference");

-- AddForeignKey
ALTER TABLE "product_former_slugs" ADD CONSTRAINT "product_former_slugs_tenant_id_product_id_fkey" FOREIGN KEY ("tenant_id", "product_id") REFERENCES "products"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "product_metafields" ADD CONSTRAINT "product_metafields_tenant_id_product_id_fkey" FOREIGN KEY ("tenant_id", "product_id") REFERENCES "products"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "product_variants" ADD CONSTRAINT "product_variants_tenant_id_image_id_fkey" FOREIGN KEY ("tenant_id", "image_id") REFERENCES "product_images"("tenant_id", "id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- RowLevelSecurity
ALTER TABLE "product_former_slugs" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "product_former_slugs" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "product_former_slugs"
    USING ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''))
    WITH CHECK ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''));

-- RowLevelSecurity
ALTER TABLE "product_metafields" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "product_metafields" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "product_metafields"
    USING ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''))
    WITH CHECK ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''));

-- Checks
ALTER TABLE "product_variants"
    ADD CONSTRAINT "product_variants_compare_at_price_amount_check" CHECK ("compare_at_price_amount" >= 0),
    ADD CONSTRAINT "product_variants_unit_cost_amount_check" CHECK ("unit_cost_amount" >= 0),
    ADD CONSTRAINT "product_variants_weight_grams_check" CHECK ("weight_grams" >= 0);

-- Backfill
-- What is on sale stays on sale, and lists that sort by price find it. The owner, too, is held by a forced policy: lifted
-- within this transaction, for these rows.
ALTER TABLE "products" NO FORCE ROW LEVEL SECURITY;
ALTER TABLE "product_variants" NO FORCE ROW LEVEL SECURITY;
UPDATE "products" SET "published_at" = "created_at" WHERE "status" = 'ACTIVE';
UPDATE "products" SET "min_price_amount" = "lowest", "max_price_amount" = "highest"
FROM (SELECT "tenant_id" AS "tenant", "product_id", min("price_amount") AS "lowest", max("price_amount") AS "highest"
      FROM "product_variants" GROUP BY 1, 2) AS "prices"
WHERE "tenant_id" = "tenant" AND "id" = "prices"."product_id";
ALTER TABLE "products" FORCE ROW LEVEL SECURITY;
ALTER TABLE "product_variants" FORCE ROW LEVEL SECURITY;
