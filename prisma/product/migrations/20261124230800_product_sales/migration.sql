-- CreateTable
CREATE TABLE "product_sales" (
    "tenant_id" TEXT NOT NULL,
    "product_id" TEXT NOT NULL,
    "sold_quantity" BIGINT NOT NULL,

    CONSTRAINT "product_sales_pkey" PRIMARY KEY ("tenant_id","product_id")
);

-- CreateIndex
CREATE INDEX "product_sales_tenant_id_sold_quantity_product_id_idx" ON "product_sales"("tenant_id", "sold_quantity", "product_id");

-- RowLevelSecurity
ALTER TABLE "product_sales" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "product_sales" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "product_sales"
    USING ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''))
    WITH CHECK ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''));
