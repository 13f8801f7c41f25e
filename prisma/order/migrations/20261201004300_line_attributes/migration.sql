-- AlterTable
ALTER TABLE "cart_lines" ADD COLUMN     "attributes" JSONB NOT NULL DEFAULT '[]',
ADD COLUMN     "attributes_key" TEXT NOT NULL DEFAULT '';

-- AlterTable
ALTER TABLE "order_items" ADD COLUMN     "attributes" JSONB NOT NULL DEFAULT '[]';

-- Two lines of one variant with other attributes are two lines.
DROP INDEX "cart_lines_tenant_id_cart_id_variant_id_key";
CREATE UNIQUE INDEX "cart_lines_tenant_id_cart_id_variant_id_attributes_key_key" ON "cart_lines"("tenant_id", "cart_id", "variant_id", "attributes_key");

DROP INDEX "order_items_tenant_id_order_id_variant_id_key";
