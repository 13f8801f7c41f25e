-- AlterTable
ALTER TABLE "orders" ADD COLUMN     "shipping_name" TEXT,
ADD COLUMN     "tax_basis_points" INTEGER,
ADD COLUMN     "tax_name" TEXT;

-- CreateTable
CREATE TABLE "tax_settings" (
    "tenant_id" TEXT NOT NULL,
    "prices_include_tax" BOOLEAN NOT NULL DEFAULT false,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "tax_settings_pkey" PRIMARY KEY ("tenant_id")
);

-- CreateTable
CREATE TABLE "tax_rates" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "country_code" TEXT NOT NULL,
    "province" TEXT NOT NULL DEFAULT '',
    "name" TEXT NOT NULL,
    "basis_points" INTEGER NOT NULL,
    "applies_to_shipping" BOOLEAN NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "tax_rates_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "shipping_rates" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "country_codes" TEXT[],
    "currency_code" TEXT NOT NULL,
    "price_amount" BIGINT NOT NULL,
    "free_from_amount" BIGINT,
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "shipping_rates_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "discounts" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "code" TEXT,
    "basis_points" INTEGER,
    "amount" BIGINT,
    "currency_code" TEXT,
    "minimum_subtotal_amount" BIGINT NOT NULL DEFAULT 0,
    "starts_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ends_at" TIMESTAMPTZ(3),
    "usage_limit" INTEGER,
    "usage_limit_per_customer" INTEGER,
    "uses" INTEGER NOT NULL DEFAULT 0,
    "combines" BOOLEAN NOT NULL DEFAULT false,
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "discounts_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "discount_redemptions" (
    "tenant_id" TEXT NOT NULL,
    "order_id" TEXT NOT NULL,
    "discount_id" TEXT NOT NULL,
    "customer_id" TEXT,
    "email" TEXT NOT NULL,

    CONSTRAINT "discount_redemptions_pkey" PRIMARY KEY ("tenant_id","order_id","discount_id")
);

-- CreateTable
CREATE TABLE "order_discounts" (
    "tenant_id" TEXT NOT NULL,
    "order_id" TEXT NOT NULL,
    "discount_id" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "code" TEXT,
    "amount" BIGINT NOT NULL,

    CONSTRAINT "order_discounts_pkey" PRIMARY KEY ("tenant_id","order_id","discount_id")
);

-- CreateTable
CREATE TABLE "order_quotes" (
    "tenant_id" TEXT NOT NULL,
    "order_id" TEXT NOT NULL,
    "seen_prices" JSONB,
    "expected_total_amount" BIGINT,
    "expected_currency" TEXT,

    CONSTRAINT "order_quotes_pkey" PRIMARY KEY ("tenant_id","order_id")
);

-- CreateIndex
CREATE UNIQUE INDEX "tax_rates_tenant_id_country_code_province_key" ON "tax_rates"("tenant_id", "country_code", "province");

-- CreateIndex
CREATE INDEX "discounts_tenant_id_created_at_id_idx" ON "discounts"("tenant_id", "created_at", "id");

-- CreateIndex
CREATE UNIQUE INDEX "discounts_tenant_id_code_key" ON "discounts"("tenant_id", "code");

-- CreateIndex
CREATE INDEX "discount_redemptions_tenant_id_discount_id_email_idx" ON "discount_redemptions"("tenant_id", "discount_id", "email");

-- CreateIndex
CREATE INDEX "discount_redemptions_tenant_id_discount_id_customer_id_idx" ON "discount_redemptions"("tenant_id", "discount_id", "customer_id");

-- AddForeignKey
ALTER TABLE "discount_redemptions" ADD CONSTRAINT "discount_redemptions_tenant_id_discount_id_fkey" FOREIGN KEY ("tenant_id", "discount_id") REFERENCES "discounts"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "discount_redemptions" ADD CONSTRAINT "discount_redemptions_tenant_id_order_id_fkey" FOREIGN KEY ("tenant_id", "order_id") REFERENCES "orders"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "order_discounts" ADD CONSTRAINT "order_discounts_tenant_id_order_id_fkey" FOREIGN KEY ("tenant_id", "order_id") REFERENCES "orders"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "order_quotes" ADD CONSTRAINT "order_quotes_tenant_id_order_id_fkey" FOREIGN KEY ("tenant_id", "order_id") REFERENCES "orders"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- RowLevelSecurity
ALTER TABLE "tax_settings" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "tax_settings" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "tax_settings"
    USING ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''))
    WITH CHECK ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''));

-- RowLevelSecurity
ALTER TABLE "tax_rates" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "tax_rates" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "tax_rates"
    USING ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''))
    WITH CHECK ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''));

-- RowLevelSecurity
ALTER TABLE "shipping_rates" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "shipping_rates" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "shipping_rates"
    USING ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''))
    WITH CHECK ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''));

-- RowLevelSecurity
ALTER TABLE "discounts" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "discounts" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "discounts"
    USING ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''))
    WITH CHECK ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''));

-- RowLevelSecurity
ALTER TABLE "discount_redemptions" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "discount_redemptions" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "discount_redemptions"
    USING ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''))
    WITH CHECK ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''));

-- RowLevelSecurity
ALTER TABLE "order_discounts" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "order_discounts" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "order_discounts"
    USING ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''))
    WITH CHECK ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''));

-- RowLevelSecurity
ALTER TABLE "order_quotes" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "order_quotes" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "order_quotes"
    USING ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''))
    WITH CHECK ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''));

-- Checks
ALTER TABLE "orders"
    ADD CONSTRAINT "orders_tax_rate_check" CHECK (num_nulls("tax_name", "tax_basis_points") IN (0, 2));

ALTER TABLE "tax_rates"
    ADD CONSTRAINT "tax_rates_basis_points_check" CHECK ("basis_points" BETWEEN 0 AND 10000),
    ADD CONSTRAINT "tax_rates_province_check" CHECK ("province" = upper("province"));

ALTER TABLE "shipping_rates"
    ADD CONSTRAINT "shipping_rates_amounts_check" CHECK ("price_amount" >= 0 AND "free_from_amount" >= 0);

ALTER TABLE "discounts"
    ADD CONSTRAINT "discounts_off_check" CHECK (num_nonnulls("basis_points", "amount") = 1),
    ADD CONSTRAINT "discounts_basis_points_check" CHECK ("basis_points" BETWEEN 1 AND 10000),
    ADD CONSTRAINT "discounts_amount_check" CHECK ("amount" > 0 AND "minimum_subtotal_amount" >= 0),
    ADD CONSTRAINT "discounts_currency_check" CHECK (
        "currency_code" IS NOT NULL OR ("amount" IS NULL AND "minimum_subtotal_amount" = 0)),
    ADD CONSTRAINT "discounts_period_check" CHECK ("ends_at" > "starts_at"),
    ADD CONSTRAINT "discounts_uses_check" CHECK ("uses" >= 0),
    -- Only who names a code holds a use of it; what needs no code is not counted.
    ADD CONSTRAINT "discounts_limit_check" CHECK (
        "usage_limit" > 0 AND "usage_limit_per_customer" > 0
        AND ("code" IS NOT NULL OR num_nonnulls("usage_limit", "usage_limit_per_customer") = 0));

ALTER TABLE "order_discounts"
    ADD CONSTRAINT "order_discounts_amount_check" CHECK ("amount" > 0);

ALTER TABLE "order_quotes"
    ADD CONSTRAINT "order_quotes_expected_check" CHECK (
        "expected_total_amount" >= 0 AND num_nulls("expected_total_amount", "expected_currency") IN (0, 2));
