CREATE TABLE sessions (
    portal          text COLLATE "C" NOT NULL,
    organisation_id text COLLATE "C" NOT NULL,
    id              text COLLATE "C" NOT NULL,
    user_id         text COLLATE "C" NOT NULL,
    token_hash      bytea NOT NULL,
    strength        text NOT NULL,
    provider        text NOT NULL,
    proven_at       timestamptz NOT NULL,
    created_at      timestamptz NOT NULL,
    last_seen_at    timestamptz NOT NULL,
    user_agent      text NOT NULL,
    ip_address      text NOT NULL,
    PRIMARY KEY (portal, organisation_id, id),
    FOREIGN KEY (portal, organisation_id, user_id) REFERENCES users
);
--bun:split
CREATE UNIQUE INDEX sessions_token ON sessions (portal, token_hash);
--bun:split
CREATE INDEX sessions_user ON sessions (portal, user_id);
--bun:split
SELECT wall_in('sessions');
