-- AlterEnum
ALTER TYPE "MediaFilePurpose" ADD VALUE 'STORE_IMAGE';

-- AlterTable
ALTER TABLE "categories" ADD COLUMN     "image_id" TEXT;

-- CreateTable
CREATE TABLE "store_images" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "file_id" TEXT NOT NULL,
    "content_type" TEXT NOT NULL,
    "width" INTEGER NOT NULL,
    "height" INTEGER NOT NULL,
    "alt_text" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "store_images_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "option_swatches" (
    "tenant_id" TEXT NOT NULL,
    "option_key" TEXT NOT NULL,
    "value_key" TEXT NOT NULL,
    "option" TEXT NOT NULL,
    "value" TEXT NOT NULL,
    "color" TEXT,
    "image_id" TEXT,

    CONSTRAINT "option_swatches_pkey" PRIMARY KEY ("tenant_id","option_key","value_key")
);

-- CreateIndex
CREATE UNIQUE INDEX "store_images_tenant_id_file_id_key" ON "store_images"("tenant_id", "file_id");

-- CreateIndex
CREATE INDEX "option_swatches_tenant_id_image_id_idx" ON "option_swatches"("tenant_id", "image_id");

-- CreateIndex
CREATE INDEX "categories_tenant_id_image_id_idx" ON "categories"("tenant_id", "image_id");

-- AddForeignKey
ALTER TABLE "categories" ADD CONSTRAINT "categories_tenant_id_image_id_fkey" FOREIGN KEY ("tenant_id", "image_id") REFERENCES "store_images"("tenant_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "store_images" ADD CONSTRAINT "store_images_tenant_id_file_id_fkey" FOREIGN KEY ("tenant_id", "file_id") REFERENCES "media_files"("tenant_id", "id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "option_swatches" ADD CONSTRAINT "option_swatches_tenant_id_image_id_fkey" FOREIGN KEY ("tenant_id", "image_id") REFERENCES "store_images"("tenant_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- RowLevelSecurity
ALTER TABLE "store_images" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "store_images" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "store_images"
    USING ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''))
    WITH CHECK ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''));

-- RowLevelSecurity
ALTER TABLE "option_swatches" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "option_swatches" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "option_swatches"
    USING ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''))
    WITH CHECK ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''));
