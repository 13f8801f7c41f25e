-- AlterTable
ALTER TABLE "order_items" ADD COLUMN     "fulfilled_quantity" INTEGER NOT NULL DEFAULT 0;

-- CreateTable
CREATE TABLE "fulfillments" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "order_id" TEXT NOT NULL,
    "tracking_number" TEXT,
    "tracking_company" TEXT,
    "tracking_url" TEXT,
    "idempotency_key" TEXT,
    "request_hash" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "canceled_at" TIMESTAMPTZ(3),

    CONSTRAINT "fulfillments_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "fulfillment_lines" (
    "tenant_id" TEXT NOT NULL,
    "fulfillment_id" TEXT NOT NULL,
    "order_id" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "quantity" INTEGER NOT NULL,

    CONSTRAINT "fulfillment_lines_pkey" PRIMARY KEY ("tenant_id","fulfillment_id","position")
);

-- CreateTable
CREATE TABLE "order_notes" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "order_id" TEXT NOT NULL,
    "text" TEXT NOT NULL,
    "author_id" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "order_notes_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateIndex
CREATE UNIQUE INDEX "fulfillments_tenant_id_order_id_idempotency_key_key" ON "fulfillments"("tenant_id", "order_id", "idempotency_key");

-- CreateIndex
CREATE INDEX "fulfillment_lines_tenant_id_order_id_position_idx" ON "fulfillment_lines"("tenant_id", "order_id", "position");

-- CreateIndex
CREATE INDEX "order_notes_tenant_id_order_id_id_idx" ON "order_notes"("tenant_id", "order_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "order_items_tenant_id_order_id_variant_id_key" ON "order_items"("tenant_id", "order_id", "variant_id");

-- AddForeignKey
ALTER TABLE "fulfillments" ADD CONSTRAINT "fulfillments_tenant_id_order_id_fkey" FOREIGN KEY ("tenant_id", "order_id") REFERENCES "orders"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "fulfillment_lines" ADD CONSTRAINT "fulfillment_lines_tenant_id_fulfillment_id_fkey" FOREIGN KEY ("tenant_id", "fulfillment_id") REFERENCES "fulfillments"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "fulfillment_lines" ADD CONSTRAINT "fulfillment_lines_tenant_id_order_id_position_fkey" FOREIGN KEY ("tenant_id", "order_id", "position") REFERENCES "order_items"("tenant_id", "order_id", "position") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "order_notes" ADD CONSTRAINT "order_notes_tenant_id_order_id_fkey" FOREIGN KEY ("tenant_id", "order_id") REFERENCES "orders"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- RowLevelSecurity
ALTER TABLE "fulfillments" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "fulfillments" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "fulfillments"
    USING ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''))
    WITH CHECK ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''));

-- RowLevelSecurity
ALTER TABLE "fulfillment_lines" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "fulfillment_lines" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "fulfillment_lines"
    USING ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''))
    WITH CHECK ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''));

-- RowLevelSecurity
ALTER TABLE "order_notes" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "order_notes" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "order_notes"
    USING ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''))
    WITH CHECK ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''));

-- Checks
-- Whatever the services do: no more of a line is handed over than was bought.
ALTER TABLE "order_items"
    ADD CONSTRAINT "order_items_fulfilled_quantity_check" CHECK ("fulfilled_quantity" BETWEEN 0 AND "quantity");

ALTER TABLE "fulfillment_lines"
    ADD CONSTRAINT "fulfillment_lines_quantity_check" CHECK ("quantity" > 0);

-- Backfill
-- The owner, too, is held by a forced policy: lifted within this transaction, for these rows.
ALTER TABLE "orders" NO FORCE ROW LEVEL SECURITY;
ALTER TABLE "order_items" NO FORCE ROW LEVEL SECURITY;
UPDATE "order_items" SET "fulfilled_quantity" = "quantity"
FROM "orders"
WHERE "orders"."tenant_id" = "order_items"."tenant_id" AND "orders"."id" = "order_items"."order_id"
    AND "orders"."fulfillment_status" = 'FULFILLED';
ALTER TABLE "orders" FORCE ROW LEVEL SECURITY;
ALTER TABLE "order_items" FORCE ROW LEVEL SECURITY;
