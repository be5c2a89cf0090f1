CREATE TABLE organisations (
    portal                  text COLLATE "C" NOT NULL,
    organisation_id         text COLLATE "C" NOT NULL,
    name                    text NOT NULL,
    name_key                text COLLATE "C" NOT NULL,
    code                    text,
    code_key                text COLLATE "C",
    is_operator             boolean NOT NULL DEFAULT false,
    main_user_id            text COLLATE "C" NOT NULL,
    -- Always false: together with the foreign key it keeps the main user from being removed, whatever races.
    main_user_removed       boolean NOT NULL DEFAULT false CHECK (NOT main_user_removed),
    account_maximum         integer CHECK (account_maximum > 0),
    two_factor_activated_at timestamptz,
    created_at              timestamptz NOT NULL,
    PRIMARY KEY (portal, organisation_id)
);
--bun:split
CREATE UNIQUE INDEX organisations_code ON organisations (portal, code_key) WHERE code_key IS NOT NULL;
--bun:split
CREATE INDEX organisations_by_name ON organisations (portal, name_key, organisation_id);
--bun:split
CREATE UNIQUE INDEX organisations_operator ON organisations (portal) WHERE is_operator;
--bun:split
SELECT wall_in('organisations');
