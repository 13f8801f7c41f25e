-- AlterTable
ALTER TABLE "product_variants" ADD COLUMN     "stock_version" INTEGER NOT NULL DEFAULT 0;

-- Indexes
-- The variants that somebody watches, whatever else the store sells. Without what changes with each sale: an index on that
-- would be written with each sale, too.
CREATE INDEX "product_variants_watched_idx" ON "product_variants"("tenant_id", "id") WHERE "low_stock_threshold" IS NOT NULL;
