-- Sign-in through outside identification providers.
--
-- A journey is one browser's way to a provider and back. It belongs to a portal: whose customer comes back is known only
-- afterwards.
CREATE TABLE journeys (
    portal        text NOT NULL,
    id            text NOT NULL,
    provider      text NOT NULL,
    -- Hashes of what the browser keeps, and of what must come back with it.
    browser_hash  blob NOT NULL,
    state_hash    blob NOT NULL,
    sealed        blob NOT NULL,
    returned_at   timestamp,
    -- How it ended, where nobody was let in: the refusal's code, and the token by which that browser hears of it.
    refused       text NOT NULL DEFAULT '',
    token_hash    blob,
    expires_at    timestamp NOT NULL,
    PRIMARY KEY (portal, id)
);
--bun:split
CREATE UNIQUE INDEX journeys_state ON journeys (portal, state_hash);
--bun:split
CREATE UNIQUE INDEX journeys_token ON journeys (portal, token_hash) WHERE token_hash IS NOT NULL;
--bun:split
CREATE INDEX journeys_age ON journeys (expires_at);
--bun:split
-- What providers said, by its digest, until it can't be said again.
CREATE TABLE assertions (
    portal     text NOT NULL,
    digest     blob NOT NULL,
    expires_at timestamp NOT NULL,
    PRIMARY KEY (portal, digest)
);
--bun:split
CREATE INDEX assertions_age ON assertions (expires_at);
--bun:split
-- Who somebody at a provider is here: one user per pseudonym and business. A number is one organisation's; where it comes to
-- another, its people are nobody there yet. The pseudonym is a digest: it is compared, never shown.
CREATE TABLE federated_identities (
    portal          text NOT NULL,
    organisation_id text NOT NULL,
    user_id         text NOT NULL,
    provider        text NOT NULL,
    environment     text NOT NULL,
    subject         blob NOT NULL,
    kvk_number      text NOT NULL,
    PRIMARY KEY (portal, organisation_id, provider, environment, subject, kvk_number),
    FOREIGN KEY (portal, organisation_id, user_id) REFERENCES users
);
--bun:split
CREATE INDEX federated_identities_user ON federated_identities (portal, user_id);
--bun:split
-- The provider through which a user signs in; '' for a password.
ALTER TABLE users ADD COLUMN provider text NOT NULL DEFAULT '';
--bun:split
-- What the provider said when the session began: '' where it began with a password.
ALTER TABLE sessions ADD COLUMN assurance_level text NOT NULL DEFAULT '';
--bun:split
ALTER TABLE sessions ADD COLUMN kvk_number text NOT NULL DEFAULT '';
--bun:split
-- Numbers with spaces between; '' for the whole business.
ALTER TABLE sessions ADD COLUMN establishments text NOT NULL DEFAULT '';
--bun:split
ALTER TABLE sessions ADD COLUMN intermediary text NOT NULL DEFAULT '';
