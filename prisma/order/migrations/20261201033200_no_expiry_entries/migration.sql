-- A card that has expired keeps its balance, so that another expiry revives it: nothing is written when it expires, and nothing was.
ALTER TABLE "credit_entries" DROP CONSTRAINT "credit_entries_amount_check";

ALTER TYPE "CreditEntryKind" RENAME TO "CreditEntryKind_old";
CREATE TYPE "CreditEntryKind" AS ENUM ('ISSUE', 'SPEND', 'REFUND', 'ADJUST');
ALTER TABLE "credit_entries" ALTER COLUMN "kind" TYPE "CreditEntryKind" USING ("kind"::text::"CreditEntryKind");
DROP TYPE "CreditEntryKind_old";

ALTER TABLE "credit_entries"
    ADD CONSTRAINT "credit_entries_amount_check" CHECK (
        CASE "kind" WHEN 'ADJUST' THEN "amount" <> 0 WHEN 'SPEND' THEN "amount" < 0 ELSE "amount" > 0 END);
