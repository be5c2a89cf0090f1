-- organisation_id '*' is a token for the whole portal.
CREATE TABLE api_tokens (
    portal          text COLLATE "C" NOT NULL,
    organisation_id text COLLATE "C" NOT NULL,
    id              text COLLATE "C" NOT NULL,
    token_hash      bytea NOT NULL,
    name            text NOT NULL,
    scopes          text NOT NULL,
    created_at      timestamptz NOT NULL,
    expires_at      timestamptz,
    last_used_at    timestamptz,
    revoked_at      timestamptz,
    PRIMARY KEY (portal, organisation_id, id)
);
--bun:split
CREATE UNIQUE INDEX api_tokens_token ON api_tokens (portal, token_hash);
--bun:split
SELECT wall_in('api_tokens');
--bun:split
-- What an idempotency key stood for the first time: the operation, a digest of its input, and the id of its result.
CREATE TABLE idempotency_keys (
    portal          text COLLATE "C" NOT NULL,
    organisation_id text COLLATE "C" NOT NULL,
    actor_id        text COLLATE "C" NOT NULL,
    key             text COLLATE "C" NOT NULL,
    operation       text NOT NULL,
    input_digest    bytea NOT NULL,
    result_id       text COLLATE "C" NOT NULL,
    created_at      timestamptz NOT NULL,
    PRIMARY KEY (portal, organisation_id, actor_id, key)
);
--bun:split
SELECT wall_in('idempotency_keys');
