CREATE TABLE invitations (
    portal          text COLLATE "C" NOT NULL,
    organisation_id text COLLATE "C" NOT NULL,
    id              text COLLATE "C" NOT NULL,
    user_id         text COLLATE "C" NOT NULL,
    email           text NOT NULL,
    role            text NOT NULL,
    created_at      timestamptz NOT NULL,
    expires_at      timestamptz NOT NULL,
    last_sent_at    timestamptz,
    accepted_at     timestamptz,
    revoked_at      timestamptz,
    PRIMARY KEY (portal, organisation_id, id),
    UNIQUE (portal, organisation_id, user_id),
    FOREIGN KEY (portal, organisation_id, user_id) REFERENCES users
);
--bun:split
CREATE INDEX invitations_user ON invitations (portal, user_id);
--bun:split
CREATE INDEX invitations_by_id ON invitations (id);
--bun:split
SELECT wall_in('invitations');
