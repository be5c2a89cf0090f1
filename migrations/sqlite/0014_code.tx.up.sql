-- A mailbox through which the password was reset gives no second proof for a while.
ALTER TABLE users ADD COLUMN password_reset_at timestamp;
--bun:split
-- Where a factor's codes go, masked.
ALTER TABLE factors ADD COLUMN hint text NOT NULL DEFAULT '';
--bun:split
-- The code that was last sent for a sign-in, an enrolment or a session, its owner: a new one voids the one before.
CREATE TABLE codes (
    portal            text NOT NULL,
    organisation_id   text NOT NULL,
    owner_id          text NOT NULL,
    user_id           text NOT NULL,
    factor_id         text NOT NULL,
    code_hash         blob,
    sent_at           timestamp NOT NULL,
    expires_at        timestamp NOT NULL,
    resend_allowed_at timestamp NOT NULL,
    resends_remaining integer NOT NULL,
    PRIMARY KEY (portal, organisation_id, owner_id),
    FOREIGN KEY (portal, organisation_id, user_id) REFERENCES users
);
--bun:split
-- Codes to be used once when nothing else is at hand; a row that is there is unused.
CREATE TABLE recovery_codes (
    portal          text NOT NULL,
    organisation_id text NOT NULL,
    user_id         text NOT NULL,
    code_hash       blob NOT NULL,
    PRIMARY KEY (portal, organisation_id, user_id, code_hash),
    FOREIGN KEY (portal, organisation_id, user_id) REFERENCES users
);
--bun:split
-- A mailbox to its accounts, and a person to what they were told.
CREATE INDEX users_mailbox ON users (portal, email_key);
--bun:split
CREATE INDEX messages_user ON messages (portal, user_id, kind, created_at);
