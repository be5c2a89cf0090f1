-- The head of each organisation's chain; its row lock puts events in line.
CREATE TABLE audit_heads (
    portal          text NOT NULL,
    organisation_id text NOT NULL,
    sequence        integer NOT NULL,
    hash            blob NOT NULL,
    PRIMARY KEY (portal, organisation_id)
);
--bun:split
CREATE TABLE audit_events (
    portal          text NOT NULL,
    organisation_id text NOT NULL,
    sequence        integer NOT NULL,
    id              text NOT NULL,
    at              timestamp NOT NULL,
    action          text NOT NULL,
    actor_id        text NOT NULL,
    target_id       text NOT NULL,
    details         text NOT NULL,
    previous_hash   blob NOT NULL,
    hash            blob NOT NULL,
    PRIMARY KEY (portal, organisation_id, sequence)
);
--bun:split
-- Append-only: events are never changed or removed.
CREATE TRIGGER audit_events_unchanged BEFORE UPDATE ON audit_events
BEGIN
    SELECT raise(ABORT, 'audit events are append-only');
END;
--bun:split
CREATE TRIGGER audit_events_kept BEFORE DELETE ON audit_events
BEGIN
    SELECT raise(ABORT, 'audit events are append-only');
END;
--bun:split
-- INSERT OR REPLACE removes rows without asking a trigger for it.
CREATE TRIGGER audit_events_appended BEFORE INSERT ON audit_events
WHEN EXISTS (
    SELECT 1 FROM audit_events AS e
    WHERE e.portal = NEW.portal AND e.organisation_id = NEW.organisation_id AND e.sequence = NEW.sequence
)
BEGIN
    SELECT raise(ABORT, 'audit events are append-only');
END;
