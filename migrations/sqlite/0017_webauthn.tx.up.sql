-- What security keys were enrolled with: nothing of it is a secret.
CREATE TABLE webauthn_credentials (
    portal          text NOT NULL,
    organisation_id text NOT NULL,
    factor_id       text NOT NULL,
    user_id         text NOT NULL,
    credential_id   blob NOT NULL,
    public_key      blob NOT NULL,
    -- The counter with which the key last signed; one that goes back tells of a copy.
    sign_count      integer NOT NULL,
    backup_eligible boolean NOT NULL,
    backed_up       boolean NOT NULL,
    user_verified   boolean NOT NULL,
    transports      text NOT NULL,
    PRIMARY KEY (portal, organisation_id, factor_id),
    -- A credential goes with its factor.
    FOREIGN KEY (portal, organisation_id, factor_id) REFERENCES factors ON DELETE CASCADE,
    FOREIGN KEY (portal, organisation_id, user_id) REFERENCES users
);
--bun:split
-- A key is one person's in a portal.
CREATE UNIQUE INDEX webauthn_credentials_id ON webauthn_credentials (portal, credential_id);
--bun:split
CREATE INDEX webauthn_credentials_user ON webauthn_credentials (portal, user_id);
--bun:split
-- The challenge that was last drawn for a sign-in, an enrolment or a session, its owner: a new one voids the one before.
CREATE TABLE webauthn_challenges (
    portal          text NOT NULL,
    organisation_id text NOT NULL,
    owner_id        text NOT NULL,
    user_id         text NOT NULL,
    challenge_hash  blob NOT NULL,
    expires_at      timestamp NOT NULL,
    PRIMARY KEY (portal, organisation_id, owner_id),
    FOREIGN KEY (portal, organisation_id, user_id) REFERENCES users
);
--bun:split
-- The label of the factor that a message is about.
ALTER TABLE messages ADD COLUMN factor_name text NOT NULL DEFAULT '';
--bun:split
-- The kind of factor that a session was proved with; a recovery code stands in for what was lost.
ALTER TABLE sessions ADD COLUMN proven_by text NOT NULL DEFAULT '';
