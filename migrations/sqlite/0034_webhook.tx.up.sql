-- Addresses of partners to which audit events are sent. organisation_id '*' is for every customer organisation.
CREATE TABLE webhook_endpoints (
    portal                text NOT NULL,
    organisation_id       text NOT NULL,
    id                    text NOT NULL,
    -- From 1 to as many as there may be.
    slot                  integer NOT NULL,
    url                   text NOT NULL,
    description           text NOT NULL,
    actions               text NOT NULL,
    created_at            timestamp NOT NULL,
    created_by            text NOT NULL,
    owner_id              text NOT NULL,
    sealed_secret         blob NOT NULL,
    sealed_previous       blob,
    previous_secret_until timestamp,
    disabled_at           timestamp,
    disabled_for          text NOT NULL DEFAULT '',
    failed_attempts       integer NOT NULL DEFAULT 0,
    failing_since         timestamp,
    next_attempt_at       timestamp,
    -- The process that is at work on it, and until when it must have shown that it lives.
    claimed_by            text NOT NULL DEFAULT '',
    claimed_until         timestamp,
    PRIMARY KEY (portal, organisation_id, id)
);
--bun:split
CREATE UNIQUE INDEX webhook_endpoints_slot ON webhook_endpoints (portal, organisation_id, slot);
--bun:split
-- How far an endpoint has come in each audit log: the last event that was accepted, given up or not wanted.
CREATE TABLE webhook_positions (
    portal                text NOT NULL,
    organisation_id       text NOT NULL,
    endpoint_id           text NOT NULL,
    event_organisation_id text NOT NULL,
    sequence              integer NOT NULL,
    PRIMARY KEY (portal, organisation_id, endpoint_id, event_organisation_id)
);
--bun:split
-- What became of an event at an endpoint, from its first try on. asked: it is to be sent again, out of turn.
CREATE TABLE webhook_deliveries (
    portal                text NOT NULL,
    organisation_id       text NOT NULL,
    endpoint_id           text NOT NULL,
    event_id              text NOT NULL,
    event_organisation_id text NOT NULL,
    sequence              integer NOT NULL,
    action                text NOT NULL,
    state                 text NOT NULL,
    asked                 boolean NOT NULL DEFAULT false,
    attempts              integer NOT NULL,
    last_attempt_at       timestamp,
    response_status       integer NOT NULL,
    failure               text NOT NULL,
    settled_at            timestamp,
    PRIMARY KEY (portal, organisation_id, endpoint_id, event_id)
);
--bun:split
CREATE INDEX webhook_deliveries_asked ON webhook_deliveries (portal, organisation_id, endpoint_id, event_id) WHERE asked;
--bun:split
CREATE INDEX webhook_deliveries_age ON webhook_deliveries (settled_at) WHERE settled_at IS NOT NULL;
