-- Who works across a portal names people by their id alone: the same index as on SQLite, which needs the portal in front.
DROP INDEX users_by_id;
--bun:split
CREATE INDEX users_by_id ON users (portal, id);
--bun:split
DROP INDEX invitations_by_id;
--bun:split
CREATE INDEX invitations_by_id ON invitations (portal, id);
