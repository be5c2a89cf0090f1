CREATE TABLE factors (
    portal          text NOT NULL,
    organisation_id text NOT NULL,
    id              text NOT NULL,
    user_id         text NOT NULL,
    kind            text NOT NULL,
    name            text NOT NULL,
    sealed_secret   blob NOT NULL,
    -- The last accepted time step; a code counts only when its step is later.
    last_step       integer NOT NULL,
    failures        integer NOT NULL DEFAULT 0,
    last_failed_at  timestamp,
    enrolled_at     timestamp NOT NULL,
    last_used_at    timestamp,
    disabled_at     timestamp,
    PRIMARY KEY (portal, organisation_id, id),
    FOREIGN KEY (portal, organisation_id, user_id) REFERENCES users
);
--bun:split
CREATE INDEX factors_user ON factors (portal, user_id);
--bun:split
-- Begun and not yet confirmed; a user has at most one at a time.
CREATE TABLE enrolments (
    portal          text NOT NULL,
    organisation_id text NOT NULL,
    user_id         text NOT NULL,
    id              text NOT NULL,
    kind            text NOT NULL,
    name            text NOT NULL,
    sealed_secret   blob NOT NULL,
    failures        integer NOT NULL DEFAULT 0,
    expires_at      timestamp NOT NULL,
    PRIMARY KEY (portal, organisation_id, user_id),
    FOREIGN KEY (portal, organisation_id, user_id) REFERENCES users
);
--bun:split
CREATE INDEX enrolments_user ON enrolments (portal, user_id);
