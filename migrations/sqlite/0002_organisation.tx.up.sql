CREATE TABLE organisations (
    portal                  text NOT NULL,
    organisation_id         text NOT NULL,
    name                    text NOT NULL,
    name_key                text NOT NULL,
    code                    text,
    code_key                text,
    is_operator             boolean NOT NULL DEFAULT false,
    main_user_id            text NOT NULL,
    -- Always false: together with the foreign key it keeps the main user from being removed, whatever races.
    main_user_removed       boolean NOT NULL DEFAULT false CHECK (NOT main_user_removed),
    account_maximum         integer CHECK (account_maximum > 0),
    two_factor_activated_at timestamp,
    created_at              timestamp NOT NULL,
    PRIMARY KEY (portal, organisation_id),
    FOREIGN KEY (portal, organisation_id, main_user_id, main_user_removed)
        REFERENCES users (portal, organisation_id, id, removed) DEFERRABLE INITIALLY DEFERRED
);
--bun:split
CREATE UNIQUE INDEX organisations_code ON organisations (portal, code_key) WHERE code_key IS NOT NULL;
--bun:split
CREATE INDEX organisations_by_name ON organisations (portal, name_key, organisation_id);
--bun:split
CREATE UNIQUE INDEX organisations_operator ON organisations (portal) WHERE is_operator;
