-- Addresses of partners to which audit events are sent. organisation_id '*' is for every customer organisation.
CREATE TABLE webhook_endpoints (
    portal                text COLLATE "C" NOT NULL,
    organisation_id       text COLLATE "C" NOT NULL,
    id                    text COLLATE "C" NOT NULL,
    -- From 1 to as many as there may be.
    slot                  integer NOT NULL,
    url                   text NOT NULL,
    description           text NOT NULL,
    actions               text NOT NULL,
    created_at            timestamptz NOT NULL,
    created_by            text COLLATE "C" NOT NULL,
    owner_id              text COLLATE "C" NOT NULL,
    sealed_secret         bytea NOT NULL,
    sealed_previous       bytea,
    previous_secret_until timestamptz,
    disabled_at           timestamptz,
    disabled_for          text NOT NULL DEFAULT '',
    failed_attempts       integer NOT NULL DEFAULT 0,
    failing_since         timestamptz,
    next_attempt_at       timestamptz,
    -- The process that is at work on it, and until when it must have shown that it lives.
    claimed_by            text NOT NULL DEFAULT '',
    claimed_until         timestamptz,
    PRIMARY KEY (portal, organisation_id, id)
);
--bun:split
CREATE UNIQUE INDEX webhook_endpoints_slot ON webhook_endpoints (portal, organisation_id, slot);
--bun:split
SELECT wall_in('webhook_endpoints');
--bun:split
-- How far an endpoint has come in each audit log: the last event that was accepted, given up or not wanted.
CREATE TABLE webhook_positions (
    portal                text COLLATE "C" NOT NULL,
    organisation_id       text COLLATE "C" NOT NULL,
    endpoint_id           text COLLATE "C" NOT NULL,
    event_organisation_id text COLLATE "C" NOT NULL,
    sequence              bigint NOT NULL,
    PRIMARY KEY (portal, organisation_id, endpoint_id, event_organisation_id)
);
--bun:split
SELECT wall_in('webhook_positions');
--bun:split
-- What became of an event at an endpoint, from its first try on. asked: it is to be sent again, out of turn.
CREATE TABLE webhook_deliveries (
    portal                text COLLATE "C" NOT NULL,
    organisation_id       text COLLATE "C" NOT NULL,
    endpoint_id           text COLLATE "C" NOT NULL,
    event_id              text COLLATE "C" NOT NULL,
    event_organisation_id text COLLATE "C" NOT NULL,
    sequence              bigint NOT NULL,
    action                text COLLATE "C" NOT NULL,
    state                 text COLLATE "C" NOT NULL,
    asked                 boolean NOT NULL DEFAULT false,
    attempts              integer NOT NULL,
    last_attempt_at       timestamptz,
    response_status       integer NOT NULL,
    failure               text NOT NULL,
    settled_at            timestamptz,
    PRIMARY KEY (portal, organisation_id, endpoint_id, event_id)
);
--bun:split
CREATE INDEX webhook_deliveries_asked ON webhook_deliveries (portal, organisation_id, endpoint_id, event_id) WHERE asked;
--bun:split
CREATE INDEX webhook_deliveries_age ON webhook_deliveries (settled_at) WHERE settled_at IS NOT NULL;
--bun:split
SELECT wall_in('webhook_deliveries');
