-- CreateTable
CREATE TABLE "carts" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "customer_id" TEXT,
    "email" TEXT,
    "shipping_address" JSONB,
    "note" TEXT,
    "attributes" JSONB NOT NULL DEFAULT '[]',
    "discount_code" TEXT,
    "order_id" TEXT,
    "version" INTEGER NOT NULL DEFAULT 1,
    "expires_at" TIMESTAMPTZ(3) NOT NULL DEFAULT (now() + '30 days'::interval),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "carts_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "cart_lines" (
    "tenant_id" TEXT NOT NULL,
    "cart_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "variant_id" TEXT NOT NULL,
    "quantity" INTEGER NOT NULL,
    "seen_price_amount" BIGINT,
    "seen_currency_code" TEXT,

    CONSTRAINT "cart_lines_pkey" PRIMARY KEY ("tenant_id","cart_id","id")
);

-- CreateIndex
CREATE INDEX "carts_tenant_id_customer_id_updated_at_id_idx" ON "carts"("tenant_id", "customer_id", "updated_at", "id");

-- CreateIndex
CREATE INDEX "carts_tenant_id_order_id_idx" ON "carts"("tenant_id", "order_id");

-- CreateIndex
CREATE UNIQUE INDEX "cart_lines_tenant_id_cart_id_variant_id_key" ON "cart_lines"("tenant_id", "cart_id", "variant_id");

-- AddForeignKey
ALTER TABLE "cart_lines" ADD CONSTRAINT "cart_lines_tenant_id_cart_id_fkey" FOREIGN KEY ("tenant_id", "cart_id") REFERENCES "carts"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- RowLevelSecurity
ALTER TABLE "carts" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "carts" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "carts"
    USING ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''))
    WITH CHECK ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''));

-- RowLevelSecurity
ALTER TABLE "cart_lines" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "cart_lines" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "cart_lines"
    USING ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''))
    WITH CHECK ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''));

-- Across tenants on purpose: carts that are over are looked for in all stores, by the task that lets go of them.
CREATE INDEX "carts_expires_at_idx" ON "carts"("expires_at");
CREATE POLICY "cart_expiry" ON "carts" FOR SELECT
    USING ("expires_at" <= now() AND NULLIF(current_setting('app.task', true), '') = 'cart_expiry');
CREATE POLICY "cart_expiry_deletion" ON "carts" FOR DELETE
    USING ("expires_at" <= now() AND NULLIF(current_setting('app.task', true), '') = 'cart_expiry');

-- Checks
ALTER TABLE "cart_lines"
    ADD CONSTRAINT "cart_lines_quantity_check" CHECK ("quantity" > 0),
    ADD CONSTRAINT "cart_lines_seen_check" CHECK (
        "seen_price_amount" >= 0 AND num_nulls("seen_price_amount", "seen_currency_code") IN (0, 2));
