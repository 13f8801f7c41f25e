-- A store has so many uploads that nothing has used yet: they are counted before more are taken.
CREATE INDEX "media_files_unused_idx" ON "media_files"("tenant_id", "expires_at") WHERE "status" = 'TEMPORARY';
