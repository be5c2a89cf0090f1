-- An address that is replaced by another one: asked for, and once confirmed kept for as long as it can be undone. Both
-- addresses are sealed.
CREATE TABLE contact_changes (
    portal           text COLLATE "C" NOT NULL,
    organisation_id  text COLLATE "C" NOT NULL,
    id               text COLLATE "C" NOT NULL,
    user_id          text COLLATE "C" NOT NULL,
    session_id       text COLLATE "C" NOT NULL,
    kind             text NOT NULL,
    state            text NOT NULL CHECK (state IN ('AWAITING_CODE', 'CHANGED', 'RESTORED')),
    destination_hint text NOT NULL,
    sealed_old       bytea NOT NULL,
    sealed_new       bytea NOT NULL,
    undo_link_id     text COLLATE "C" NOT NULL DEFAULT '',
    failures         integer NOT NULL DEFAULT 0,
    last_failed_at   timestamptz,
    requested_at     timestamptz NOT NULL,
    expires_at       timestamptz NOT NULL,
    PRIMARY KEY (portal, organisation_id, id),
    FOREIGN KEY (portal, organisation_id, user_id) REFERENCES users
);
--bun:split
CREATE UNIQUE INDEX contact_changes_waiting ON contact_changes (portal, organisation_id, user_id) WHERE state = 'AWAITING_CODE';
--bun:split
CREATE INDEX contact_changes_user ON contact_changes (portal, user_id);
--bun:split
SELECT wall_in('contact_changes');
