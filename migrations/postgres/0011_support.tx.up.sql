CREATE TABLE support_actions (
    portal          text COLLATE "C" NOT NULL,
    organisation_id text COLLATE "C" NOT NULL,
    id              text COLLATE "C" NOT NULL,
    kind            text NOT NULL,
    target_id       text COLLATE "C" NOT NULL,
    reason          text NOT NULL,
    ticket          text NOT NULL,
    requested_by    text COLLATE "C" NOT NULL,
    requested_at    timestamptz NOT NULL,
    state           text NOT NULL,
    effective_at    timestamptz,
    PRIMARY KEY (portal, organisation_id, id)
);
--bun:split
SELECT wall_in('support_actions');
