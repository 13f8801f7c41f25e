-- CreateEnum
CREATE TYPE "MediaFilePurpose" AS ENUM ('PRODUCT_IMAGE', 'PRODUCT_IMPORT', 'PRODUCT_EXPORT');

-- CreateEnum
CREATE TYPE "MediaFileStatus" AS ENUM ('TEMPORARY', 'ATTACHED', 'REMOVED');

-- AlterTable
ALTER TABLE "product_images" ADD COLUMN     "content_type" TEXT,
ADD COLUMN     "file_id" TEXT,
ADD COLUMN     "height" INTEGER,
ADD COLUMN     "width" INTEGER,
ALTER COLUMN "url" DROP NOT NULL;

-- CreateTable
CREATE TABLE "media_files" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "purpose" "MediaFilePurpose" NOT NULL,
    "status" "MediaFileStatus" NOT NULL DEFAULT 'TEMPORARY',
    "content_type" TEXT NOT NULL,
    "byte_size" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "image_id" TEXT,

    CONSTRAINT "media_files_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateIndex
CREATE UNIQUE INDEX "media_files_tenant_id_image_id_key" ON "media_files"("tenant_id", "image_id");

-- CreateIndex
CREATE UNIQUE INDEX "product_images_tenant_id_file_id_key" ON "product_images"("tenant_id", "file_id");

-- AddForeignKey
ALTER TABLE "media_files" ADD CONSTRAINT "media_files_tenant_id_image_id_fkey" FOREIGN KEY ("tenant_id", "image_id") REFERENCES "product_images"("tenant_id", "id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- RowLevelSecurity
ALTER TABLE "media_files" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "media_files" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "media_files"
    USING ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''))
    WITH CHECK ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''));

-- Checks
ALTER TABLE "product_images" ADD CONSTRAINT "product_images_place_check" CHECK (
    ("url" IS NULL) <> ("file_id" IS NULL)
    AND ("file_id" IS NULL OR ("content_type" IS NOT NULL AND "width" > 0 AND "height" > 0)));
ALTER TABLE "media_files" ADD CONSTRAINT "media_files_image_id_check" CHECK ("image_id" IS NULL OR "status" = 'ATTACHED');

-- Shows the files whose bytes are to go, of all stores, when the transaction has named this task.
CREATE POLICY "media_sweep" ON "media_files" FOR SELECT
    USING ("status" <> 'ATTACHED' AND NULLIF(current_setting('app.task', true), '') = 'media_sweep');

-- Across tenants on purpose: the sweep looks for what is to go in all stores.
CREATE INDEX "media_files_expires_at_idx" ON "media_files"("expires_at") WHERE "status" <> 'ATTACHED';
