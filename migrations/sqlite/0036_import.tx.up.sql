-- Imports: many users or organisations that a partner brings, a few hundred rows a call. organisation_id is where the API
-- token is that they came with, or '*' for the whole portal.
CREATE TABLE imports (
    portal          text NOT NULL,
    organisation_id text NOT NULL,
    id              text NOT NULL,
    actor_id        text NOT NULL,
    -- What its caller calls it: sent again, the same rows are the same rows.
    key             text NOT NULL,
    kind            text NOT NULL,
    created_at      timestamp NOT NULL,
    PRIMARY KEY (portal, organisation_id, id)
);
--bun:split
CREATE UNIQUE INDEX imports_key ON imports (portal, organisation_id, actor_id, key);
--bun:split
CREATE TABLE import_rows (
    portal          text NOT NULL,
    organisation_id text NOT NULL,
    import_id       text NOT NULL,
    number          integer NOT NULL,
    state           text NOT NULL,
    -- A MAC of what was sent, and what was sent, sealed; forgotten once the row is settled.
    mac             blob NOT NULL,
    sealed          blob,
    -- What the row made, or why it made nothing, as codes and places.
    target_id       text NOT NULL DEFAULT '',
    refusals        text NOT NULL DEFAULT '[]',
    PRIMARY KEY (portal, organisation_id, import_id, number),
    FOREIGN KEY (portal, organisation_id, import_id) REFERENCES imports ON DELETE CASCADE
);
--bun:split
CREATE INDEX import_rows_state ON import_rows (portal, organisation_id, import_id, state, number);
