CREATE TABLE support_actions (
    portal          text NOT NULL,
    organisation_id text NOT NULL,
    id              text NOT NULL,
    kind            text NOT NULL,
    target_id       text NOT NULL,
    reason          text NOT NULL,
    ticket          text NOT NULL,
    requested_by    text NOT NULL,
    requested_at    timestamp NOT NULL,
    state           text NOT NULL,
    effective_at    timestamp,
    PRIMARY KEY (portal, organisation_id, id)
);
