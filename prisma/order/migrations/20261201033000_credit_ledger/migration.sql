-- CreateEnum
CREATE TYPE "CreditAccountKind" AS ENUM ('GIFT_CARD', 'STORE_CREDIT');

-- CreateEnum
CREATE TYPE "CreditEntryKind" AS ENUM ('ISSUE', 'SPEND', 'REFUND', 'EXPIRE', 'ADJUST');

-- CreateTable
CREATE TABLE "credit_accounts" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "kind" "CreditAccountKind" NOT NULL,
    "currency_code" TEXT NOT NULL,
    "balance" BIGINT NOT NULL DEFAULT 0,
    "customer_id" TEXT,
    "code_hash" TEXT,
    "last_characters" TEXT,
    "initial_amount" BIGINT NOT NULL DEFAULT 0,
    "expires_at" TIMESTAMPTZ(3),
    "disabled_at" TIMESTAMPTZ(3),
    "recipient_email" TEXT,
    "note" TEXT,
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "credit_accounts_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "credit_entries" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "account_id" TEXT NOT NULL,
    "kind" "CreditEntryKind" NOT NULL,
    "amount" BIGINT NOT NULL,
    "balance" BIGINT NOT NULL,
    "key" TEXT NOT NULL,
    "order_id" TEXT,
    "actor_id" TEXT,
    "reason" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "credit_entries_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateIndex
CREATE INDEX "credit_accounts_tenant_id_kind_created_at_id_idx" ON "credit_accounts"("tenant_id", "kind", "created_at", "id");

-- CreateIndex
CREATE INDEX "credit_accounts_tenant_id_last_characters_idx" ON "credit_accounts"("tenant_id", "last_characters");

-- CreateIndex
CREATE UNIQUE INDEX "credit_accounts_tenant_id_code_hash_key" ON "credit_accounts"("tenant_id", "code_hash");

-- CreateIndex
CREATE UNIQUE INDEX "credit_accounts_tenant_id_customer_id_currency_code_key" ON "credit_accounts"("tenant_id", "customer_id", "currency_code");

-- CreateIndex
CREATE INDEX "credit_entries_tenant_id_account_id_id_idx" ON "credit_entries"("tenant_id", "account_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "credit_entries_tenant_id_account_id_kind_key_key" ON "credit_entries"("tenant_id", "account_id", "kind", "key");

-- AddForeignKey
ALTER TABLE "credit_entries" ADD CONSTRAINT "credit_entries_tenant_id_account_id_fkey" FOREIGN KEY ("tenant_id", "account_id") REFERENCES "credit_accounts"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- RowLevelSecurity
ALTER TABLE "credit_accounts" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "credit_accounts" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "credit_accounts"
    USING ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''))
    WITH CHECK ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''));

-- RowLevelSecurity
ALTER TABLE "credit_entries" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "credit_entries" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "credit_entries"
    USING ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''))
    WITH CHECK ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''));

-- Checks
-- Whatever runs at the same time: nobody spends what is not there.
ALTER TABLE "credit_accounts"
    ADD CONSTRAINT "credit_accounts_balance_check" CHECK ("balance" >= 0),
    ADD CONSTRAINT "credit_accounts_kind_check" CHECK (
        CASE "kind" WHEN 'GIFT_CARD' THEN "code_hash" IS NOT NULL AND "last_characters" IS NOT NULL AND "customer_id" IS NULL
            ELSE num_nonnulls("code_hash", "last_characters", "expires_at", "disabled_at", "recipient_email", "note") = 0 END);

ALTER TABLE "credit_entries"
    ADD CONSTRAINT "credit_entries_amount_check" CHECK (
        CASE "kind" WHEN 'ADJUST' THEN "amount" <> 0 WHEN 'SPEND' THEN "amount" < 0 WHEN 'EXPIRE' THEN "amount" < 0 ELSE "amount" > 0 END),
    ADD CONSTRAINT "credit_entries_balance_check" CHECK ("balance" >= 0);
