CREATE TABLE links (
    portal          text NOT NULL,
    organisation_id text NOT NULL,
    id              text NOT NULL,
    user_id         text NOT NULL,
    token_hash      blob NOT NULL,
    purpose         text NOT NULL,
    created_at      timestamp NOT NULL,
    expires_at      timestamp NOT NULL,
    used_at         timestamp,
    revoked_at      timestamp,
    PRIMARY KEY (portal, organisation_id, id),
    FOREIGN KEY (portal, organisation_id, user_id) REFERENCES users
);
--bun:split
CREATE UNIQUE INDEX links_token ON links (portal, token_hash);
--bun:split
CREATE INDEX links_user ON links (portal, user_id, id);
--bun:split
CREATE INDEX links_open ON links (portal, organisation_id, user_id) WHERE used_at IS NULL AND revoked_at IS NULL;
