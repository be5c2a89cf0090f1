CREATE TABLE sign_ins (
    portal             text COLLATE "C" NOT NULL,
    organisation_id    text COLLATE "C" NOT NULL,
    id                 text COLLATE "C" NOT NULL,
    user_id            text COLLATE "C" NOT NULL,
    token_hash         bytea NOT NULL,
    first_credential   text NOT NULL,
    credential_version integer NOT NULL,
    factor_proven      text NOT NULL DEFAULT '',
    postponed          boolean NOT NULL DEFAULT false,
    began_at           timestamptz NOT NULL,
    expires_at         timestamptz NOT NULL,
    PRIMARY KEY (portal, organisation_id, id),
    FOREIGN KEY (portal, organisation_id, user_id) REFERENCES users
);
--bun:split
CREATE UNIQUE INDEX sign_ins_token ON sign_ins (portal, token_hash);
--bun:split
CREATE INDEX sign_ins_user ON sign_ins (portal, user_id);
--bun:split
SELECT wall_in('sign_ins');
--bun:split
-- Wrong passwords in a row, by the digest of the name that was typed: unknown names are counted like known ones.
CREATE TABLE password_failures (
    portal    text COLLATE "C" NOT NULL,
    subject   bytea NOT NULL,
    failures  integer NOT NULL,
    last_at   timestamptz NOT NULL,
    PRIMARY KEY (portal, subject)
);
--bun:split
CREATE INDEX password_failures_age ON password_failures (last_at);
--bun:split
ALTER TABLE password_failures ENABLE ROW LEVEL SECURITY;
--bun:split
ALTER TABLE password_failures FORCE ROW LEVEL SECURITY;
--bun:split
CREATE POLICY portal ON password_failures TO sleutelbos_app USING (portal = current_setting('app.portal', true));
--bun:split
CREATE POLICY system ON password_failures TO sleutelbos_system USING (true);
--bun:split
GRANT SELECT, INSERT, UPDATE, DELETE ON password_failures TO sleutelbos_app, sleutelbos_system;
