-- Items may come back, or be left out, without money.
ALTER TABLE "order_refunds"
    DROP CONSTRAINT "order_refunds_amount_check",
    ADD CONSTRAINT "order_refunds_amount_check" CHECK ("amount" >= 0);
