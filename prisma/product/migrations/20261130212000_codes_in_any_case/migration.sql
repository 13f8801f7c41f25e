-- What SKUs and barcodes are searched by. Columns of their own, because row-level security keeps a condition on lower(sku) from an
-- index: the function is not leakproof. In the collation C all that begins with a text is one range.
ALTER TABLE "product_variants"
    ADD COLUMN "sku_key" TEXT COLLATE "C" NOT NULL GENERATED ALWAYS AS (lower("sku")) STORED,
    ADD COLUMN "barcode_key" TEXT COLLATE "C" GENERATED ALWAYS AS (translate(lower("barcode"), ' -', '')) STORED;

-- CreateIndex
CREATE INDEX "product_variants_tenant_id_sku_key_idx" ON "product_variants"("tenant_id", "sku_key");

-- Indexes
CREATE INDEX "product_variants_barcode_key_idx" ON "product_variants"("tenant_id", "barcode_key") WHERE "barcode_key" IS NOT NULL;
