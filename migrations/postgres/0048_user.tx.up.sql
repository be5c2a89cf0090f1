-- When the user was removed, and so when they are to be erased. Null until somebody notes it, for whoever was removed before
-- this column was, or by a server of the version before.
ALTER TABLE users ADD COLUMN removed_at timestamptz;
--bun:split
CREATE INDEX users_undated ON users (portal, id) WHERE registration = 'REMOVED' AND removed_at IS NULL;
--bun:split
CREATE INDEX users_erasable ON users (portal, removed_at) WHERE removed_at IS NOT NULL AND display_name <> '';
--bun:split
CREATE INDEX invitations_expired ON invitations (portal, expires_at) WHERE accepted_at IS NULL AND revoked_at IS NULL;
