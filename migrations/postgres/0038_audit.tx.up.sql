-- The audit log is read by what happened, by whom, to what, and when; each part of it in the order of the chain.
CREATE INDEX audit_events_by_action ON audit_events (portal, organisation_id, action, sequence);
--bun:split
CREATE INDEX audit_events_by_actor ON audit_events (portal, organisation_id, actor_id, sequence);
--bun:split
CREATE INDEX audit_events_by_target ON audit_events (portal, organisation_id, target_id, sequence);
--bun:split
CREATE INDEX audit_events_by_time ON audit_events (portal, organisation_id, at);
