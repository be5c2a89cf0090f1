-- A user's key of one calendar month: what audit events of that month tell of the user is sealed under it. With the key it is
-- gone for good, and the events stay as they are.
CREATE TABLE audit_keys (
    portal          text NOT NULL,
    organisation_id text NOT NULL,
    id              text NOT NULL,
    user_id         text NOT NULL,
    -- In UTC, as 2006-01.
    month           text NOT NULL,
    sealed_key      blob NOT NULL,
    PRIMARY KEY (portal, organisation_id, id),
    FOREIGN KEY (portal, organisation_id, user_id) REFERENCES users
);
--bun:split
CREATE UNIQUE INDEX audit_keys_user ON audit_keys (portal, organisation_id, user_id, month);
--bun:split
CREATE INDEX audit_keys_month ON audit_keys (portal, month);
--bun:split
-- The key and what is sealed under it; '' and null for an event that tells nothing of the kind. The hash is of what was sealed.
ALTER TABLE audit_events ADD COLUMN key_id text NOT NULL DEFAULT '';
--bun:split
ALTER TABLE audit_events ADD COLUMN sealed_facts blob;
--bun:split
ALTER TABLE audit_events ADD COLUMN facts_hash blob;
