CREATE TABLE users (
    portal             text COLLATE "C" NOT NULL,
    organisation_id    text COLLATE "C" NOT NULL,
    id                 text COLLATE "C" NOT NULL,
    display_name       text NOT NULL,
    name_key           text COLLATE "C" NOT NULL,
    email              text NOT NULL,
    email_key          text COLLATE "C" NOT NULL,
    username           text,
    username_key       text COLLATE "C",
    role               text NOT NULL CHECK (role IN ('SUB_USER', 'SUPER_SUB_USER', 'SUPPORT', 'PORTAL_ADMIN')),
    registration       text NOT NULL CHECK (registration IN ('INVITED', 'RE_REGISTERING', 'REGISTERED', 'REMOVED')),
    removed            boolean NOT NULL GENERATED ALWAYS AS (registration = 'REMOVED') STORED,
    blocked_at         timestamptz,
    password_hash      text,
    credential_version integer NOT NULL DEFAULT 1,
    enrolment_owed     text,
    -- The kinds of the rows in factors, written by whatever changes those: lists and counts need no second query.
    factor_kinds       text NOT NULL DEFAULT '',
    postponed_at       timestamptz,
    language           text NOT NULL,
    email_refused_at   timestamptz,
    created_at         timestamptz NOT NULL,
    last_sign_in_at    timestamptz,
    PRIMARY KEY (portal, organisation_id, id),
    UNIQUE (portal, organisation_id, id, removed),
    FOREIGN KEY (portal, organisation_id) REFERENCES organisations
);
--bun:split
ALTER TABLE organisations ADD CONSTRAINT organisations_main_user
    FOREIGN KEY (portal, organisation_id, main_user_id, main_user_removed)
    REFERENCES users (portal, organisation_id, id, removed) DEFERRABLE INITIALLY DEFERRED;
--bun:split
CREATE UNIQUE INDEX users_email ON users (portal, organisation_id, email_key) WHERE NOT removed AND email_key <> '';
--bun:split
CREATE UNIQUE INDEX users_username ON users (portal, organisation_id, username_key) WHERE NOT removed AND username_key IS NOT NULL;
--bun:split
CREATE INDEX users_by_name ON users (portal, organisation_id, name_key, id);
--bun:split
CREATE INDEX users_by_email ON users (portal, organisation_id, email_key, id);
--bun:split
CREATE INDEX users_by_id ON users (id);
--bun:split
SELECT wall_in('users');
--bun:split
-- What a registered user is named by at sign-in, unique in the portal.
CREATE TABLE identifiers (
    portal          text COLLATE "C" NOT NULL,
    kind            text COLLATE "C" NOT NULL,
    value           text COLLATE "C" NOT NULL,
    organisation_id text COLLATE "C" NOT NULL,
    user_id         text COLLATE "C" NOT NULL,
    PRIMARY KEY (portal, kind, value),
    FOREIGN KEY (portal, organisation_id, user_id) REFERENCES users
);
--bun:split
CREATE INDEX identifiers_user ON identifiers (portal, user_id);
--bun:split
SELECT wall_in('identifiers');
