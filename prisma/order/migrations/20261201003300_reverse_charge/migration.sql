-- Where a store is established, and orders of businesses elsewhere in the EU, who owe the tax themselves.
ALTER TABLE "tax_settings" ADD COLUMN "country_code" TEXT;
ALTER TABLE "orders" ADD COLUMN "reverse_charge" BOOLEAN NOT NULL DEFAULT false;
