-- When the organisation was removed: it stays as an id, with a main user who is nobody, until it is erased.
ALTER TABLE organisations ADD COLUMN removed_at timestamp;
--bun:split
CREATE INDEX organisations_erasable ON organisations (portal, removed_at) WHERE removed_at IS NOT NULL AND name <> '';
--bun:split
CREATE INDEX support_actions_organisation ON support_actions (portal, organisation_id) WHERE ended_at IS NULL;
