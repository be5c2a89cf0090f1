CREATE TABLE factors (
    portal          text COLLATE "C" NOT NULL,
    organisation_id text COLLATE "C" NOT NULL,
    id              text COLLATE "C" NOT NULL,
    user_id         text COLLATE "C" NOT NULL,
    kind            text NOT NULL,
    name            text NOT NULL,
    sealed_secret   bytea NOT NULL,
    -- The last accepted time step; a code counts only when its step is later.
    last_step       bigint NOT NULL,
    failures        integer NOT NULL DEFAULT 0,
    last_failed_at  timestamptz,
    enrolled_at     timestamptz NOT NULL,
    last_used_at    timestamptz,
    disabled_at     timestamptz,
    PRIMARY KEY (portal, organisation_id, id),
    FOREIGN KEY (portal, organisation_id, user_id) REFERENCES users
);
--bun:split
CREATE INDEX factors_user ON factors (portal, user_id);
--bun:split
SELECT wall_in('factors');
--bun:split
-- Begun and not yet confirmed; a user has at most one at a time.
CREATE TABLE enrolments (
    portal          text COLLATE "C" NOT NULL,
    organisation_id text COLLATE "C" NOT NULL,
    user_id         text COLLATE "C" NOT NULL,
    id              text COLLATE "C" NOT NULL,
    kind            text NOT NULL,
    name            text NOT NULL,
    sealed_secret   bytea NOT NULL,
    failures        integer NOT NULL DEFAULT 0,
    expires_at      timestamptz NOT NULL,
    PRIMARY KEY (portal, organisation_id, user_id),
    FOREIGN KEY (portal, organisation_id, user_id) REFERENCES users
);
--bun:split
CREATE INDEX enrolments_user ON enrolments (portal, user_id);
--bun:split
SELECT wall_in('enrolments');
