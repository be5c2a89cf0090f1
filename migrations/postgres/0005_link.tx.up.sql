CREATE TABLE links (
    portal          text COLLATE "C" NOT NULL,
    organisation_id text COLLATE "C" NOT NULL,
    id              text COLLATE "C" NOT NULL,
    user_id         text COLLATE "C" NOT NULL,
    token_hash      bytea NOT NULL,
    purpose         text NOT NULL,
    created_at      timestamptz NOT NULL,
    expires_at      timestamptz NOT NULL,
    used_at         timestamptz,
    revoked_at      timestamptz,
    PRIMARY KEY (portal, organisation_id, id),
    FOREIGN KEY (portal, organisation_id, user_id) REFERENCES users
);
--bun:split
CREATE UNIQUE INDEX links_token ON links (portal, token_hash);
--bun:split
CREATE INDEX links_user ON links (portal, user_id, id);
--bun:split
CREATE INDEX links_open ON links (portal, organisation_id, user_id) WHERE used_at IS NULL AND revoked_at IS NULL;
--bun:split
SELECT wall_in('links');
