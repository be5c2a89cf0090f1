-- Who works across a portal names people by their id alone. Without statistics SQLite takes an index that begins with the portal
-- for a better one than the id's, and then looks at everybody in it: so the id stands behind the portal.
DROP INDEX users_by_id;
--bun:split
CREATE INDEX users_by_id ON users (portal, id);
--bun:split
DROP INDEX invitations_by_id;
--bun:split
CREATE INDEX invitations_by_id ON invitations (portal, id);
