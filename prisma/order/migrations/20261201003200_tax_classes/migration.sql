-- A place has rates for each class of goods.
ALTER TABLE "tax_rates" ADD COLUMN "tax_class" TEXT NOT NULL DEFAULT 'STANDARD';
ALTER TABLE "tax_rates" ADD CONSTRAINT "tax_rates_tax_class_check" CHECK ("tax_class" IN ('STANDARD', 'REDUCED'));
DROP INDEX "tax_rates_tenant_id_country_code_province_postal_codes_prio_key";
CREATE UNIQUE INDEX "tax_rates_tenant_id_country_code_province_postal_codes_prio_key" ON "tax_rates"("tenant_id", "country_code", "province", "postal_codes", "priority", "tax_class");
