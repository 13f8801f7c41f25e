-- Everything that there is needs to be sent, as far as anybody knew until now.
ALTER TABLE "product_variants" ADD COLUMN "requires_shipping" BOOLEAN NOT NULL DEFAULT true;

-- What shipping an order costs depends on them: an order has them as they were when its stock was reserved.
ALTER TABLE "stock_reservation_lines"
    ADD COLUMN "weight_grams" INTEGER,
    ADD COLUMN "requires_shipping" BOOLEAN NOT NULL DEFAULT true;
