-- How an invited person is to sign in: by a password, or through a provider that identifies people of businesses.
ALTER TABLE invitations ADD COLUMN sign_in text NOT NULL DEFAULT 'PASSWORD';
--bun:split
-- When a refused sign-in through a provider was last written down, so that nobody fills an audit log by trying.
CREATE TABLE sign_in_refusals (
    portal          text NOT NULL,
    organisation_id text NOT NULL,
    provider        text NOT NULL,
    code            text NOT NULL,
    -- '' for somebody who has no account.
    user_id         text NOT NULL,
    noted_at        timestamp NOT NULL,
    PRIMARY KEY (portal, organisation_id, provider, code, user_id)
);
--bun:split
CREATE INDEX sign_in_refusals_age ON sign_in_refusals (noted_at);
