-- Networks from which a token works, with spaces between; '' for everywhere. A token for several organisations has its own id
-- as its organisation_id.
ALTER TABLE api_tokens ADD COLUMN networks text NOT NULL DEFAULT '';
--bun:split
ALTER TABLE api_tokens ADD COLUMN rotated_at timestamp;
--bun:split
ALTER TABLE api_tokens ADD COLUMN replaced_by text NOT NULL DEFAULT '';
--bun:split
-- How many requests processes have set aside in the window that began then.
ALTER TABLE api_tokens ADD COLUMN window_at timestamp;
--bun:split
ALTER TABLE api_tokens ADD COLUMN window_taken integer NOT NULL DEFAULT 0;
--bun:split
CREATE TABLE api_token_organisations (
    portal          text NOT NULL,
    organisation_id text NOT NULL,
    token_id        text NOT NULL,
    PRIMARY KEY (portal, organisation_id, token_id),
    FOREIGN KEY (portal, organisation_id) REFERENCES organisations
);
--bun:split
CREATE INDEX api_token_organisations_token ON api_token_organisations (portal, token_id);
