-- A rate is of a zone, or the buyer fetches what they bought at a place of the store's.
ALTER TABLE "shipping_rates"
    ALTER COLUMN "zone_id" DROP NOT NULL,
    ADD COLUMN "pickup" JSONB,
    ADD COLUMN "excluded_product_ids" TEXT[] NOT NULL DEFAULT ARRAY[]::TEXT[],
    ADD CONSTRAINT "shipping_rates_pickup_check" CHECK (num_nonnulls("zone_id", "pickup") = 1);

-- What is fetched, and what is not sent at all, needs no address.
ALTER TABLE "orders"
    ALTER COLUMN "shipping_address" DROP NOT NULL,
    ADD COLUMN "pickup_location" JSONB;

-- What shipping to another address would cost depends on them. Items from before count as sent, and weigh nothing.
ALTER TABLE "order_items"
    ADD COLUMN "weight_grams" INTEGER,
    ADD COLUMN "requires_shipping" BOOLEAN NOT NULL DEFAULT true;
