CREATE TABLE sessions (
    portal          text NOT NULL,
    organisation_id text NOT NULL,
    id              text NOT NULL,
    user_id         text NOT NULL,
    token_hash      blob NOT NULL,
    strength        text NOT NULL,
    provider        text NOT NULL,
    proven_at       timestamp NOT NULL,
    created_at      timestamp NOT NULL,
    last_seen_at    timestamp NOT NULL,
    user_agent      text NOT NULL,
    ip_address      text NOT NULL,
    PRIMARY KEY (portal, organisation_id, id),
    FOREIGN KEY (portal, organisation_id, user_id) REFERENCES users
);
--bun:split
CREATE UNIQUE INDEX sessions_token ON sessions (portal, token_hash);
--bun:split
CREATE INDEX sessions_user ON sessions (portal, user_id);
