-- A second person, a notice period, and an end that isn't always "done".
ALTER TABLE support_actions ADD COLUMN concerned_id text NOT NULL DEFAULT '';
--bun:split
ALTER TABLE support_actions ADD COLUMN account_maximum integer;
--bun:split
ALTER TABLE support_actions ADD COLUMN expires_at timestamp;
--bun:split
ALTER TABLE support_actions ADD COLUMN approved_by text NOT NULL DEFAULT '';
--bun:split
ALTER TABLE support_actions ADD COLUMN cancellation text NOT NULL DEFAULT '';
--bun:split
ALTER TABLE support_actions ADD COLUMN cancelled_by text NOT NULL DEFAULT '';
--bun:split
ALTER TABLE support_actions ADD COLUMN ended_at timestamp;
--bun:split
UPDATE support_actions SET ended_at = effective_at, concerned_id = CASE kind
    WHEN 'DEACTIVATE_ORGANISATION_TWO_FACTOR' THEN coalesce((SELECT o.main_user_id FROM organisations AS o
        WHERE o.portal = support_actions.portal AND o.organisation_id = support_actions.organisation_id), '')
    ELSE target_id END;
--bun:split
-- What is pending has no end yet: one of a kind for a target at a time.
CREATE UNIQUE INDEX support_actions_pending ON support_actions (portal, organisation_id, target_id, kind)
    WHERE ended_at IS NULL;
--bun:split
-- The queue of the desk, a ticket's actions, and a user's.
CREATE INDEX support_actions_by_id ON support_actions (portal, id);
--bun:split
CREATE INDEX support_actions_ticket ON support_actions (portal, ticket);
--bun:split
CREATE INDEX support_actions_concerned ON support_actions (portal, concerned_id);
--bun:split
-- What a link stops; '' for a link that leads to password set-up.
ALTER TABLE links ADD COLUMN action_id text NOT NULL DEFAULT '';
--bun:split
-- The desk finds users of the whole portal by the beginning of what they are called.
CREATE INDEX users_search_name ON users (portal, name_key, id);
--bun:split
CREATE INDEX users_search_username ON users (portal, username_key) WHERE username_key IS NOT NULL;
--bun:split
-- An API token ends with whoever made it.
ALTER TABLE api_tokens ADD COLUMN created_by text NOT NULL DEFAULT '';
--bun:split
CREATE INDEX api_tokens_creator ON api_tokens (portal, created_by) WHERE revoked_at IS NULL;
