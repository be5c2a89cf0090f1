CREATE TABLE messages (
    portal            text NOT NULL,
    organisation_id   text NOT NULL,
    id                text NOT NULL,
    user_id           text NOT NULL,
    kind              text NOT NULL,
    language          text NOT NULL,
    recipient         text NOT NULL,
    name              text NOT NULL,
    organisation_name text NOT NULL,
    -- The link's token, sealed; gone as soon as the message is settled.
    sealed_token      blob,
    expires_at        timestamp,
    created_at        timestamp NOT NULL,
    state             text NOT NULL DEFAULT 'QUEUED' CHECK (state IN ('QUEUED', 'DELIVERED', 'REFUSED', 'EXPIRED')),
    settled_at        timestamp,
    -- Why it was not delivered: what the mail server said, as a rule.
    refusal           text NOT NULL DEFAULT '',
    PRIMARY KEY (portal, organisation_id, id)
);
--bun:split
CREATE INDEX messages_queued ON messages (created_at) WHERE state = 'QUEUED';
