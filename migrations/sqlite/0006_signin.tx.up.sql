CREATE TABLE sign_ins (
    portal             text NOT NULL,
    organisation_id    text NOT NULL,
    id                 text NOT NULL,
    user_id            text NOT NULL,
    token_hash         blob NOT NULL,
    first_credential   text NOT NULL,
    credential_version integer NOT NULL,
    factor_proven      text NOT NULL DEFAULT '',
    postponed          boolean NOT NULL DEFAULT false,
    began_at           timestamp NOT NULL,
    expires_at         timestamp NOT NULL,
    PRIMARY KEY (portal, organisation_id, id),
    FOREIGN KEY (portal, organisation_id, user_id) REFERENCES users
);
--bun:split
CREATE UNIQUE INDEX sign_ins_token ON sign_ins (portal, token_hash);
--bun:split
CREATE INDEX sign_ins_user ON sign_ins (portal, user_id);
--bun:split
-- Wrong passwords in a row, by the digest of the name that was typed: unknown names are counted like known ones.
CREATE TABLE password_failures (
    portal    text NOT NULL,
    subject   blob NOT NULL,
    failures  integer NOT NULL,
    last_at   timestamp NOT NULL,
    PRIMARY KEY (portal, subject)
);
--bun:split
CREATE INDEX password_failures_age ON password_failures (last_at);
