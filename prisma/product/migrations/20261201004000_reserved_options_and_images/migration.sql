-- AlterTable
ALTER TABLE "stock_reservation_lines" ADD COLUMN     "option_values" JSONB NOT NULL DEFAULT '[]',
ADD COLUMN     "image" JSONB,
ADD COLUMN     "image_file_id" TEXT;

-- CreateIndex
CREATE INDEX "stock_reservation_lines_image_file_id_idx" ON "stock_reservation_lines"("tenant_id", "image_file_id") WHERE "image_file_id" IS NOT NULL;
