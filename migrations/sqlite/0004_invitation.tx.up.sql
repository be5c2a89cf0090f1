CREATE TABLE invitations (
    portal          text NOT NULL,
    organisation_id text NOT NULL,
    id              text NOT NULL,
    user_id         text NOT NULL,
    email           text NOT NULL,
    role            text NOT NULL,
    created_at      timestamp NOT NULL,
    expires_at      timestamp NOT NULL,
    last_sent_at    timestamp,
    accepted_at     timestamp,
    revoked_at      timestamp,
    PRIMARY KEY (portal, organisation_id, id),
    UNIQUE (portal, organisation_id, user_id),
    FOREIGN KEY (portal, organisation_id, user_id) REFERENCES users
);
--bun:split
CREATE INDEX invitations_user ON invitations (portal, user_id);
--bun:split
CREATE INDEX invitations_by_id ON invitations (id);
