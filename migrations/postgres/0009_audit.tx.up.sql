-- The head of each organisation's chain; its row lock puts events in line.
CREATE TABLE audit_heads (
    portal          text COLLATE "C" NOT NULL,
    organisation_id text COLLATE "C" NOT NULL,
    sequence        bigint NOT NULL,
    hash            bytea NOT NULL,
    PRIMARY KEY (portal, organisation_id)
);
--bun:split
SELECT wall_in('audit_heads');
--bun:split
CREATE TABLE audit_events (
    portal          text COLLATE "C" NOT NULL,
    organisation_id text COLLATE "C" NOT NULL,
    sequence        bigint NOT NULL,
    id              text COLLATE "C" NOT NULL,
    at              timestamptz NOT NULL,
    action          text COLLATE "C" NOT NULL,
    actor_id        text COLLATE "C" NOT NULL,
    target_id       text COLLATE "C" NOT NULL,
    details         text NOT NULL,
    previous_hash   bytea NOT NULL,
    hash            bytea NOT NULL,
    PRIMARY KEY (portal, organisation_id, sequence)
);
--bun:split
SELECT wall_in('audit_events');
--bun:split
-- Append-only: no role of the service may change or remove an event.
REVOKE UPDATE, DELETE, TRUNCATE ON audit_events FROM sleutelbos_app, sleutelbos_system;
--bun:split
REVOKE DELETE, TRUNCATE ON audit_heads FROM sleutelbos_app, sleutelbos_system;
