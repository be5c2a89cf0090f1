-- An organisation's policy numbers, folded. Whoever registers names the organisation by one, so that a number is one
-- organisation's in a portal.
CREATE TABLE policy_numbers (
    portal          text NOT NULL,
    organisation_id text NOT NULL,
    number          text NOT NULL,
    PRIMARY KEY (portal, organisation_id, number),
    FOREIGN KEY (portal, organisation_id) REFERENCES organisations
);
--bun:split
CREATE UNIQUE INDEX policy_numbers_number ON policy_numbers (portal, number);
--bun:split
-- Who registers, until their account is active.
CREATE TABLE registrants (
    portal          text NOT NULL,
    organisation_id text NOT NULL,
    id              text NOT NULL,
    user_id         text NOT NULL,
    -- The user whose account is to be replaced; '' for none.
    replaces_id     text NOT NULL DEFAULT '',
    created_at      timestamp NOT NULL,
    due_at          timestamp NOT NULL,
    ready_at        timestamp,
    ended_at        timestamp,
    outcome         text NOT NULL DEFAULT '' CHECK (outcome IN ('', 'COMPLETED', 'STOPPED', 'LAPSED')),
    CHECK ((ended_at IS NULL) = (outcome = '')),
    PRIMARY KEY (portal, organisation_id, id),
    FOREIGN KEY (portal, organisation_id, user_id) REFERENCES users
);
--bun:split
-- A user registers once at a time, and an account is replaced by one at a time.
CREATE UNIQUE INDEX registrants_open ON registrants (portal, organisation_id, user_id) WHERE ended_at IS NULL;
--bun:split
CREATE UNIQUE INDEX registrants_announced ON registrants (portal, organisation_id) WHERE ended_at IS NULL AND replaces_id <> '';
--bun:split
CREATE INDEX registrants_due ON registrants (portal, due_at) WHERE ended_at IS NULL;
--bun:split
-- How often registration was asked for on a day, from midnight UTC, by whom and with what: MACs.
CREATE TABLE registration_attempts (
    portal  text NOT NULL,
    subject text NOT NULL,
    day     timestamp NOT NULL,
    made    integer NOT NULL DEFAULT 0,
    PRIMARY KEY (portal, subject, day)
);
--bun:split
CREATE INDEX registration_attempts_day ON registration_attempts (day);
