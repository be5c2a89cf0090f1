CREATE TABLE users (
    portal             text NOT NULL,
    organisation_id    text NOT NULL,
    id                 text NOT NULL,
    display_name       text NOT NULL,
    name_key           text NOT NULL,
    email              text NOT NULL,
    email_key          text NOT NULL,
    username           text,
    username_key       text,
    role               text NOT NULL CHECK (role IN ('SUB_USER', 'SUPER_SUB_USER', 'SUPPORT', 'PORTAL_ADMIN')),
    registration       text NOT NULL CHECK (registration IN ('INVITED', 'RE_REGISTERING', 'REGISTERED', 'REMOVED')),
    removed            boolean NOT NULL GENERATED ALWAYS AS (registration = 'REMOVED') STORED,
    blocked_at         timestamp,
    password_hash      text,
    credential_version integer NOT NULL DEFAULT 1,
    enrolment_owed     text,
    -- The kinds of the rows in factors, written by whatever changes those: lists and counts need no second query.
    factor_kinds       text NOT NULL DEFAULT '',
    postponed_at       timestamp,
    language           text NOT NULL,
    email_refused_at   timestamp,
    created_at         timestamp NOT NULL,
    last_sign_in_at    timestamp,
    PRIMARY KEY (portal, organisation_id, id),
    UNIQUE (portal, organisation_id, id, removed),
    FOREIGN KEY (portal, organisation_id) REFERENCES organisations
);
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
-- What a registered user is named by at sign-in, unique in the portal.
CREATE TABLE identifiers (
    portal          text NOT NULL,
    kind            text NOT NULL,
    value           text NOT NULL,
    organisation_id text NOT NULL,
    user_id         text NOT NULL,
    PRIMARY KEY (portal, kind, value),
    FOREIGN KEY (portal, organisation_id, user_id) REFERENCES users
);
--bun:split
CREATE INDEX identifiers_user ON identifiers (portal, user_id);
