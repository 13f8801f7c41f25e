-- Orders are priced by tax_settings.prices_include_tax of the order subgraph.
ALTER TABLE "tenant_settings" DROP COLUMN "tax_included_in_prices";
