ALTER TABLE "shipping_rates" VALIDATE CONSTRAINT "shipping_rates_fallback_check";
