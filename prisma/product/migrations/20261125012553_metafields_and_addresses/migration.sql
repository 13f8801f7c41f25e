-- CreateTable
CREATE TABLE "product_variant_metafields" (
    "tenant_id" TEXT NOT NULL,
    "variant_id" TEXT NOT NULL,
    "namespace" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "value" TEXT NOT NULL,
    "is_public" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "product_variant_metafields_pkey" PRIMARY KEY ("tenant_id","variant_id","namespace","key")
);

-- CreateTable
CREATE TABLE "category_metafields" (
    "tenant_id" TEXT NOT NULL,
    "category_id" TEXT NOT NULL,
    "namespace" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "value" TEXT NOT NULL,
    "is_public" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "category_metafields_pkey" PRIMARY KEY ("tenant_id","category_id","namespace","key")
);

-- CreateTable
CREATE TABLE "category_former_slugs" (
    "tenant_id" TEXT NOT NULL,
    "slug" TEXT NOT NULL,
    "category_id" TEXT NOT NULL,

    CONSTRAINT "category_former_slugs_pkey" PRIMARY KEY ("tenant_id","slug")
);

-- CreateIndex
CREATE INDEX "category_former_slugs_tenant_id_category_id_idx" ON "category_former_slugs"("tenant_id", "category_id");

-- AddForeignKey
ALTER TABLE "product_variant_metafields" ADD CONSTRAINT "product_variant_metafields_tenant_id_variant_id_fkey" FOREIGN KEY ("tenant_id", "variant_id") REFERENCES "product_variants"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "category_metafields" ADD CONSTRAINT "category_metafields_tenant_id_category_id_fkey" FOREIGN KEY ("tenant_id", "category_id") REFERENCES "categories"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "category_former_slugs" ADD CONSTRAINT "category_former_slugs_tenant_id_category_id_fkey" FOREIGN KEY ("tenant_id", "category_id") REFERENCES "categories"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- RowLevelSecurity
ALTER TABLE "product_variant_metafields" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "product_variant_metafields" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "product_variant_metafields"
    USING ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''))
    WITH CHECK ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''));

-- RowLevelSecurity
ALTER TABLE "category_metafields" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "category_metafields" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "category_metafields"
    USING ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''))
    WITH CHECK ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''));

-- RowLevelSecurity
ALTER TABLE "category_former_slugs" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "category_former_slugs" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "category_former_slugs"
    USING ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''))
    WITH CHECK ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''));
