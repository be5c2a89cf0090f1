-- An address that is replaced by another one: asked for, and once confirmed kept for as long as it can be undone. Both
-- addresses are sealed.
CREATE TABLE contact_changes (
    portal           text NOT NULL,
    organisation_id  text NOT NULL,
    id               text NOT NULL,
    user_id          text NOT NULL,
    session_id       text NOT NULL,
    kind             text NOT NULL,
    state            text NOT NULL CHECK (state IN ('AWAITING_CODE', 'CHANGED', 'RESTORED')),
    destination_hint text NOT NULL,
    sealed_old       blob NOT NULL,
    sealed_new       blob NOT NULL,
    undo_link_id     text NOT NULL DEFAULT '',
    failures         integer NOT NULL DEFAULT 0,
    last_failed_at   timestamp,
    requested_at     timestamp NOT NULL,
    expires_at       timestamp NOT NULL,
    PRIMARY KEY (portal, organisation_id, id),
    FOREIGN KEY (portal, organisation_id, user_id) REFERENCES users
);
--bun:split
CREATE UNIQUE INDEX contact_changes_waiting ON contact_changes (portal, organisation_id, user_id) WHERE state = 'AWAITING_CODE';
--bun:split
CREATE INDEX contact_changes_user ON contact_changes (portal, user_id);
