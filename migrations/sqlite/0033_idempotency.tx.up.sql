-- What the first request with the key was answered, sealed. Rows from before have the id of its result instead.
ALTER TABLE idempotency_keys ADD COLUMN sealed_result blob;
