CREATE TABLE messages (
    portal            text COLLATE "C" NOT NULL,
    organisation_id   text COLLATE "C" NOT NULL,
    id                text COLLATE "C" NOT NULL,
    user_id           text COLLATE "C" NOT NULL,
    kind              text NOT NULL,
    language          text NOT NULL,
    recipient         text NOT NULL,
    name              text NOT NULL,
    organisation_name text NOT NULL,
    -- The link's token, sealed; gone as soon as the message is settled.
    sealed_token      bytea,
    expires_at        timestamptz,
    created_at        timestamptz NOT NULL,
    state             text NOT NULL DEFAULT 'QUEUED' CHECK (state IN ('QUEUED', 'DELIVERED', 'REFUSED', 'EXPIRED')),
    settled_at        timestamptz,
    -- Why it was not delivered: what the mail server said, as a rule.
    refusal           text NOT NULL DEFAULT '',
    PRIMARY KEY (portal, organisation_id, id)
);
--bun:split
CREATE INDEX messages_queued ON messages (created_at) WHERE state = 'QUEUED';
--bun:split
SELECT wall_in('messages');
