-- organisation_id '*' is a token for the whole portal.
CREATE TABLE api_tokens (
    portal          text NOT NULL,
    organisation_id text NOT NULL,
    id              text NOT NULL,
    token_hash      blob NOT NULL,
    name            text NOT NULL,
    scopes          text NOT NULL,
    created_at      timestamp NOT NULL,
    expires_at      timestamp,
    last_used_at    timestamp,
    revoked_at      timestamp,
    PRIMARY KEY (portal, organisation_id, id)
);
--bun:split
CREATE UNIQUE INDEX api_tokens_token ON api_tokens (portal, token_hash);
--bun:split
-- What an idempotency key stood for the first time: the operation, a digest of its input, and the id of its result.
CREATE TABLE idempotency_keys (
    portal          text NOT NULL,
    organisation_id text NOT NULL,
    actor_id        text NOT NULL,
    key             text NOT NULL,
    operation       text NOT NULL,
    input_digest    blob NOT NULL,
    result_id       text NOT NULL,
    created_at      timestamp NOT NULL,
    PRIMARY KEY (portal, organisation_id, actor_id, key)
);
