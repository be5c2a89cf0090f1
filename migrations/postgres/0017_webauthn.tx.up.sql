-- What security keys were enrolled with: nothing of it is a secret.
CREATE TABLE webauthn_credentials (
    portal          text COLLATE "C" NOT NULL,
    organisation_id text COLLATE "C" NOT NULL,
    factor_id       text COLLATE "C" NOT NULL,
    user_id         text COLLATE "C" NOT NULL,
    credential_id   bytea NOT NULL,
    public_key      bytea NOT NULL,
    -- The counter with which the key last signed; one that goes back tells of a copy.
    sign_count      bigint NOT NULL,
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
SELECT wall_in('webauthn_credentials');
--bun:split
-- The challenge that was last drawn for a sign-in, an enrolment or a session, its owner: a new one voids the one before.
CREATE TABLE webauthn_challenges (
    portal          text COLLATE "C" NOT NULL,
    organisation_id text COLLATE "C" NOT NULL,
    owner_id        text COLLATE "C" NOT NULL,
    user_id         text COLLATE "C" NOT NULL,
    challenge_hash  bytea NOT NULL,
    expires_at      timestamptz NOT NULL,
    PRIMARY KEY (portal, organisation_id, owner_id),
    FOREIGN KEY (portal, organisation_id, user_id) REFERENCES users
);
--bun:split
SELECT wall_in('webauthn_challenges');
--bun:split
-- The label of the factor that a message is about.
ALTER TABLE messages ADD COLUMN factor_name text NOT NULL DEFAULT '';
--bun:split
-- The kind of factor that a session was proved with; a recovery code stands in for what was lost.
ALTER TABLE sessions ADD COLUMN proven_by text NOT NULL DEFAULT '';
