-- What the migrations add up to. Written by: go test ./internal/store -run TestSchemaSnapshot -update

CREATE TABLE api_token_organisations (
    portal          text NOT NULL,
    organisation_id text NOT NULL,
    token_id        text NOT NULL,
    PRIMARY KEY (portal, organisation_id, token_id),
    FOREIGN KEY (portal, organisation_id) REFERENCES organisations
);

CREATE INDEX api_token_organisations_token ON api_token_organisations (portal, token_id);

CREATE TABLE api_tokens (
    portal          text NOT NULL,
    organisation_id text NOT NULL,
    id              text NOT NULL,
    token_hash      blob NOT NULL,
    name            text NOT NULL,
    scopes          text NOT NULL,
    created_at      timestamp NOT NULL,
    expires_at      timestamp,
    last_used_at    timestamp,
    revoked_at      timestamp, created_by text NOT NULL DEFAULT '', networks text NOT NULL DEFAULT '', rotated_at timestamp, replaced_by text NOT NULL DEFAULT '', window_at timestamp, window_taken integer NOT NULL DEFAULT 0,
    PRIMARY KEY (portal, organisation_id, id)
);

CREATE INDEX api_tokens_creator ON api_tokens (portal, created_by) WHERE revoked_at IS NULL;

CREATE UNIQUE INDEX api_tokens_token ON api_tokens (portal, token_hash);

CREATE TABLE assertions (
    portal     text NOT NULL,
    digest     blob NOT NULL,
    expires_at timestamp NOT NULL,
    PRIMARY KEY (portal, digest)
);

CREATE INDEX assertions_age ON assertions (expires_at);

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
    hash            blob NOT NULL, key_id text NOT NULL DEFAULT '', sealed_facts blob, facts_hash blob,
    PRIMARY KEY (portal, organisation_id, sequence)
);

CREATE INDEX audit_events_by_action ON audit_events (portal, organisation_id, action, sequence);

CREATE INDEX audit_events_by_actor ON audit_events (portal, organisation_id, actor_id, sequence);

CREATE INDEX audit_events_by_target ON audit_events (portal, organisation_id, target_id, sequence);

CREATE INDEX audit_events_by_time ON audit_events (portal, organisation_id, at);

CREATE TRIGGER audit_events_appended BEFORE INSERT ON audit_events
WHEN EXISTS (
    SELECT 1 FROM audit_events AS e
    WHERE e.portal = NEW.portal AND e.organisation_id = NEW.organisation_id AND e.sequence = NEW.sequence
)
BEGIN
    SELECT raise(ABORT, 'audit events are append-only');
END;

CREATE TRIGGER audit_events_kept BEFORE DELETE ON audit_events
BEGIN
    SELECT raise(ABORT, 'audit events are append-only');
END;

CREATE TRIGGER audit_events_unchanged BEFORE UPDATE ON audit_events
BEGIN
    SELECT raise(ABORT, 'audit events are append-only');
END;

CREATE TABLE audit_heads (
    portal          text NOT NULL,
    organisation_id text NOT NULL,
    sequence        integer NOT NULL,
    hash            blob NOT NULL,
    PRIMARY KEY (portal, organisation_id)
);

CREATE TABLE audit_keys (
    portal          text NOT NULL,
    organisation_id text NOT NULL,
    id              text NOT NULL,
    user_id         text NOT NULL,
    -- In UTC, as 2006-01.
    month           text NOT NULL,
    sealed_key      blob NOT NULL,
    PRIMARY KEY (portal, organisation_id, id),
    FOREIGN KEY (portal, organisation_id, user_id) REFERENCES users
);

CREATE INDEX audit_keys_month ON audit_keys (portal, month);

CREATE UNIQUE INDEX audit_keys_user ON audit_keys (portal, organisation_id, user_id, month);

CREATE TABLE business_identities (
    portal                    text NOT NULL,
    organisation_id           text NOT NULL,
    id                        text NOT NULL,
    kvk_number                text NOT NULL,
    -- Numbers with spaces between.
    establishment_numbers     text NOT NULL,
    registered_establishments text NOT NULL,
    legal_name                text NOT NULL,
    register_status           text NOT NULL,
    verified_at               timestamp,
    -- When the register is to be asked (again).
    check_due_at              timestamp NOT NULL,
    created_at                timestamp NOT NULL,
    PRIMARY KEY (portal, organisation_id, id),
    FOREIGN KEY (portal, organisation_id) REFERENCES organisations
);

CREATE INDEX business_identities_by_id ON business_identities (id);

CREATE INDEX business_identities_due ON business_identities (check_due_at);

CREATE UNIQUE INDEX business_identities_kvk_number ON business_identities (portal, kvk_number);

CREATE TABLE codes (
    portal            text NOT NULL,
    organisation_id   text NOT NULL,
    owner_id          text NOT NULL,
    user_id           text NOT NULL,
    factor_id         text NOT NULL,
    code_hash         blob,
    sent_at           timestamp NOT NULL,
    expires_at        timestamp NOT NULL,
    resend_allowed_at timestamp NOT NULL,
    resends_remaining integer NOT NULL,
    PRIMARY KEY (portal, organisation_id, owner_id),
    FOREIGN KEY (portal, organisation_id, user_id) REFERENCES users
);

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

CREATE INDEX contact_changes_user ON contact_changes (portal, user_id);

CREATE UNIQUE INDEX contact_changes_waiting ON contact_changes (portal, organisation_id, user_id) WHERE state = 'AWAITING_CODE';

CREATE TABLE enrolments (
    portal          text NOT NULL,
    organisation_id text NOT NULL,
    user_id         text NOT NULL,
    id              text NOT NULL,
    kind            text NOT NULL,
    name            text NOT NULL,
    sealed_secret   blob NOT NULL,
    failures        integer NOT NULL DEFAULT 0,
    expires_at      timestamp NOT NULL,
    PRIMARY KEY (portal, organisation_id, user_id),
    FOREIGN KEY (portal, organisation_id, user_id) REFERENCES users
);

CREATE INDEX enrolments_user ON enrolments (portal, user_id);

CREATE TABLE factors (
    portal          text NOT NULL,
    organisation_id text NOT NULL,
    id              text NOT NULL,
    user_id         text NOT NULL,
    kind            text NOT NULL,
    name            text NOT NULL,
    sealed_secret   blob NOT NULL,
    -- The last accepted time step; a code counts only when its step is later.
    last_step       integer NOT NULL,
    failures        integer NOT NULL DEFAULT 0,
    last_failed_at  timestamp,
    enrolled_at     timestamp NOT NULL,
    last_used_at    timestamp,
    disabled_at     timestamp, hint text NOT NULL DEFAULT '', refused_at timestamp,
    PRIMARY KEY (portal, organisation_id, id),
    FOREIGN KEY (portal, organisation_id, user_id) REFERENCES users
);

CREATE INDEX factors_user ON factors (portal, user_id);

CREATE TABLE federated_identities (
    portal          text NOT NULL,
    organisation_id text NOT NULL,
    user_id         text NOT NULL,
    provider        text NOT NULL,
    environment     text NOT NULL,
    subject         blob NOT NULL,
    kvk_number      text NOT NULL,
    PRIMARY KEY (portal, organisation_id, provider, environment, subject, kvk_number),
    FOREIGN KEY (portal, organisation_id, user_id) REFERENCES users
);

CREATE UNIQUE INDEX federated_identities_person ON federated_identities (portal, provider, environment, subject) WHERE kvk_number = '';

CREATE INDEX federated_identities_user ON federated_identities (portal, user_id);

CREATE TABLE idempotency_keys (
    portal          text NOT NULL,
    organisation_id text NOT NULL,
    actor_id        text NOT NULL,
    key             text NOT NULL,
    operation       text NOT NULL,
    input_digest    blob NOT NULL,
    result_id       text NOT NULL,
    created_at      timestamp NOT NULL, sealed_result blob,
    PRIMARY KEY (portal, organisation_id, actor_id, key)
);

CREATE TABLE identifiers (
    portal          text NOT NULL,
    kind            text NOT NULL,
    value           text NOT NULL,
    organisation_id text NOT NULL,
    user_id         text NOT NULL,
    PRIMARY KEY (portal, kind, value),
    FOREIGN KEY (portal, organisation_id, user_id) REFERENCES users
);

CREATE INDEX identifiers_user ON identifiers (portal, user_id);

CREATE TABLE import_rows (
    portal          text NOT NULL,
    organisation_id text NOT NULL,
    import_id       text NOT NULL,
    number          integer NOT NULL,
    state           text NOT NULL,
    -- A MAC of what was sent, and what was sent, sealed; forgotten once the row is settled.
    mac             blob NOT NULL,
    sealed          blob,
    -- What the row made, or why it made nothing, as codes and places.
    target_id       text NOT NULL DEFAULT '',
    refusals        text NOT NULL DEFAULT '[]',
    PRIMARY KEY (portal, organisation_id, import_id, number),
    FOREIGN KEY (portal, organisation_id, import_id) REFERENCES imports ON DELETE CASCADE
);

CREATE INDEX import_rows_state ON import_rows (portal, organisation_id, import_id, state, number);

CREATE TABLE imports (
    portal          text NOT NULL,
    organisation_id text NOT NULL,
    id              text NOT NULL,
    actor_id        text NOT NULL,
    -- What its caller calls it: sent again, the same rows are the same rows.
    key             text NOT NULL,
    kind            text NOT NULL,
    created_at      timestamp NOT NULL,
    PRIMARY KEY (portal, organisation_id, id)
);

CREATE UNIQUE INDEX imports_key ON imports (portal, organisation_id, actor_id, key);

CREATE TABLE invitations (
    portal          text NOT NULL,
    organisation_id text NOT NULL,
    id              text NOT NULL,
    user_id         text NOT NULL,
    email           text NOT NULL,
    role            text NOT NULL,
    created_at      timestamp NOT NULL,
    expires_at      timestamp NOT NULL,
    last_sent_at    timestamp,
    accepted_at     timestamp,
    revoked_at      timestamp, sign_in text NOT NULL DEFAULT 'PASSWORD',
    PRIMARY KEY (portal, organisation_id, id),
    UNIQUE (portal, organisation_id, user_id),
    FOREIGN KEY (portal, organisation_id, user_id) REFERENCES users
);

CREATE INDEX invitations_by_id ON invitations (portal, id);

CREATE INDEX invitations_expired ON invitations (portal, expires_at) WHERE accepted_at IS NULL AND revoked_at IS NULL;

CREATE INDEX invitations_user ON invitations (portal, user_id);

CREATE TABLE journeys (
    portal        text NOT NULL,
    id            text NOT NULL,
    provider      text NOT NULL,
    -- Hashes of what the browser keeps, and of what must come back with it.
    browser_hash  blob NOT NULL,
    state_hash    blob NOT NULL,
    sealed        blob NOT NULL,
    returned_at   timestamp,
    -- How it ended, where nobody was let in: the refusal's code, and the token by which that browser hears of it.
    refused       text NOT NULL DEFAULT '',
    token_hash    blob,
    expires_at    timestamp NOT NULL, compared text NOT NULL DEFAULT '[]',
    PRIMARY KEY (portal, id)
);

CREATE INDEX journeys_age ON journeys (expires_at);

CREATE UNIQUE INDEX journeys_state ON journeys (portal, state_hash);

CREATE UNIQUE INDEX journeys_token ON journeys (portal, token_hash) WHERE token_hash IS NOT NULL;

CREATE TABLE links (
    portal          text NOT NULL,
    organisation_id text NOT NULL,
    id              text NOT NULL,
    user_id         text NOT NULL,
    token_hash      blob NOT NULL,
    purpose         text NOT NULL,
    created_at      timestamp NOT NULL,
    expires_at      timestamp NOT NULL,
    used_at         timestamp,
    revoked_at      timestamp, action_id text NOT NULL DEFAULT '',
    PRIMARY KEY (portal, organisation_id, id),
    FOREIGN KEY (portal, organisation_id, user_id) REFERENCES users
);

CREATE INDEX links_open ON links (portal, organisation_id, user_id) WHERE used_at IS NULL AND revoked_at IS NULL;

CREATE UNIQUE INDEX links_token ON links (portal, token_hash);

CREATE INDEX links_user ON links (portal, user_id, id);

CREATE TABLE messages (
    portal            text NOT NULL,
    organisation_id   text NOT NULL,
    id                text NOT NULL,
    user_id           text NOT NULL,
    kind              text NOT NULL,
    language          text NOT NULL,
    recipient         text NOT NULL,
    name              text NOT NULL,
    organisation_name text NOT NULL,
    -- The link's token, sealed; gone as soon as the message is settled.
    sealed_token      blob,
    expires_at        timestamp,
    created_at        timestamp NOT NULL,
    state             text NOT NULL DEFAULT 'QUEUED' CHECK (state IN ('QUEUED', 'DELIVERED', 'REFUSED', 'EXPIRED')),
    settled_at        timestamp,
    -- Why it was not delivered: what the mail server said, as a rule.
    refusal           text NOT NULL DEFAULT '', factor_id text NOT NULL DEFAULT '', sealed_number blob, number_key blob, tried_at timestamp, provider_id text NOT NULL DEFAULT '', provider_status text NOT NULL DEFAULT '', factor_name text NOT NULL DEFAULT '', webhook_host text NOT NULL DEFAULT '',
    PRIMARY KEY (portal, organisation_id, id)
);

CREATE INDEX messages_queued ON messages (created_at) WHERE state = 'QUEUED';

CREATE INDEX messages_user ON messages (portal, user_id, kind, created_at);

CREATE TABLE name_words (
    portal          text NOT NULL,
    organisation_id text NOT NULL,
    user_id         text NOT NULL, -- '' for the organisation's own name
    word            text NOT NULL,
    PRIMARY KEY (portal, organisation_id, user_id, word),
    FOREIGN KEY (portal, organisation_id) REFERENCES organisations
);

CREATE INDEX name_words_organisations ON name_words (portal, word, organisation_id) WHERE user_id = '';

CREATE INDEX name_words_users ON name_words (portal, word, organisation_id, user_id) WHERE user_id <> '';

CREATE TABLE organisations (
    portal                  text NOT NULL,
    organisation_id         text NOT NULL,
    name                    text NOT NULL,
    name_key                text NOT NULL,
    code                    text,
    code_key                text,
    is_operator             boolean NOT NULL DEFAULT false,
    main_user_id            text NOT NULL,
    -- Always false: together with the foreign key it keeps the main user from being removed, whatever races.
    main_user_removed       boolean NOT NULL DEFAULT false CHECK (NOT main_user_removed),
    account_maximum         integer CHECK (account_maximum > 0),
    two_factor_activated_at timestamp,
    created_at              timestamp NOT NULL, is_private boolean NOT NULL DEFAULT false, removed_at timestamp,
    PRIMARY KEY (portal, organisation_id),
    FOREIGN KEY (portal, organisation_id, main_user_id, main_user_removed)
        REFERENCES users (portal, organisation_id, id, removed) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX organisations_by_name ON organisations (portal, name_key, organisation_id);

CREATE UNIQUE INDEX organisations_code ON organisations (portal, code_key) WHERE code_key IS NOT NULL;

CREATE INDEX organisations_erasable ON organisations (portal, removed_at) WHERE removed_at IS NOT NULL AND name <> '';

CREATE UNIQUE INDEX organisations_operator ON organisations (portal) WHERE is_operator;

CREATE TABLE password_failures (
    portal    text NOT NULL,
    subject   blob NOT NULL,
    failures  integer NOT NULL,
    last_at   timestamp NOT NULL,
    PRIMARY KEY (portal, subject)
);

CREATE INDEX password_failures_age ON password_failures (last_at);

CREATE TABLE persons (
    portal          text NOT NULL,
    organisation_id text NOT NULL,
    sealed          blob NOT NULL,
    -- MACs by which a record is found, of two attributes each; null where it doesn't tell enough of them.
    name_address    blob,
    name_birth      blob,
    address_birth   blob,
    PRIMARY KEY (portal, organisation_id),
    FOREIGN KEY (portal, organisation_id) REFERENCES organisations
);

CREATE INDEX persons_address_birth ON persons (portal, address_birth);

CREATE INDEX persons_name_address ON persons (portal, name_address);

CREATE INDEX persons_name_birth ON persons (portal, name_birth);

CREATE TABLE policy_numbers (
    portal          text NOT NULL,
    organisation_id text NOT NULL,
    number          text NOT NULL,
    PRIMARY KEY (portal, organisation_id, number),
    FOREIGN KEY (portal, organisation_id) REFERENCES organisations
);

CREATE UNIQUE INDEX policy_numbers_number ON policy_numbers (portal, number);

CREATE TABLE recovery_codes (
    portal          text NOT NULL,
    organisation_id text NOT NULL,
    user_id         text NOT NULL,
    code_hash       blob NOT NULL, key_id text NOT NULL DEFAULT '',
    PRIMARY KEY (portal, organisation_id, user_id, code_hash),
    FOREIGN KEY (portal, organisation_id, user_id) REFERENCES users
);

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

CREATE UNIQUE INDEX registrants_announced ON registrants (portal, organisation_id) WHERE ended_at IS NULL AND replaces_id <> '';

CREATE INDEX registrants_due ON registrants (portal, due_at) WHERE ended_at IS NULL;

CREATE UNIQUE INDEX registrants_open ON registrants (portal, organisation_id, user_id) WHERE ended_at IS NULL;

CREATE TABLE registration_attempts (
    portal  text NOT NULL,
    subject text NOT NULL,
    day     timestamp NOT NULL,
    made    integer NOT NULL DEFAULT 0,
    PRIMARY KEY (portal, subject, day)
);

CREATE INDEX registration_attempts_day ON registration_attempts (day);

CREATE TABLE river_job (
    id            integer PRIMARY KEY,
    args          blob NOT NULL DEFAULT (jsonb('{}')),
    attempt       integer NOT NULL DEFAULT 0,
    attempted_at  timestamp,
    attempted_by  blob,
    created_at    timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
    errors        blob,
    finalized_at  timestamp,
    kind          text NOT NULL,
    metadata      blob NOT NULL DEFAULT (jsonb('{}')),
    priority      integer NOT NULL DEFAULT 1,
    queue         text NOT NULL DEFAULT 'default',
    state         text NOT NULL DEFAULT 'available',
    scheduled_at  timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
    tags          blob NOT NULL DEFAULT (jsonb('[]')),
    unique_key    blob,
    unique_states integer,
    max_attempts  integer NOT NULL DEFAULT 25,
    CONSTRAINT finalized_or_finalized_at_null CHECK (
        (finalized_at IS NULL AND state NOT IN ('cancelled', 'completed', 'discarded')) OR
        (finalized_at IS NOT NULL AND state IN ('cancelled', 'completed', 'discarded'))
    ),
    CONSTRAINT priority_in_range CHECK (priority >= 1 AND priority <= 4),
    CONSTRAINT queue_length CHECK (length(queue) > 0 AND length(queue) < 128),
    CONSTRAINT kind_length CHECK (length(kind) > 0 AND length(kind) < 128),
    CONSTRAINT state_valid CHECK (state IN ('available', 'cancelled', 'completed', 'discarded', 'pending', 'retryable', 'running', 'scheduled'))
);

CREATE INDEX river_job_kind ON river_job (kind);

CREATE INDEX river_job_prioritized_fetching_index ON river_job (state, queue, priority, scheduled_at, id);

CREATE INDEX river_job_state_and_finalized_at_index ON river_job (state, finalized_at) WHERE finalized_at IS NOT NULL;

CREATE UNIQUE INDEX river_job_unique_idx ON river_job (unique_key)
    WHERE unique_key IS NOT NULL AND unique_states IS NOT NULL AND CASE state
        WHEN 'available' THEN unique_states & (1 << 0)
        WHEN 'cancelled' THEN unique_states & (1 << 1)
        WHEN 'completed' THEN unique_states & (1 << 2)
        WHEN 'discarded' THEN unique_states & (1 << 3)
        WHEN 'pending'   THEN unique_states & (1 << 4)
        WHEN 'retryable' THEN unique_states & (1 << 5)
        WHEN 'running'   THEN unique_states & (1 << 6)
        WHEN 'scheduled' THEN unique_states & (1 << 7)
        ELSE 0
    END >= 1;

CREATE TABLE river_leader (
    elected_at timestamp NOT NULL,
    expires_at timestamp NOT NULL,
    leader_id  text NOT NULL,
    name       text PRIMARY KEY NOT NULL DEFAULT 'default' CHECK (name = 'default'),
    CONSTRAINT leader_id_length CHECK (length(leader_id) > 0 AND length(leader_id) < 128)
);

CREATE TABLE river_notification (
    id         integer PRIMARY KEY AUTOINCREMENT,
    created_at timestamp NOT NULL DEFAULT (datetime('now', 'subsec')),
    payload    text NOT NULL,
    topic      text NOT NULL,
    CONSTRAINT topic_length CHECK (length(topic) > 0 AND length(topic) < 128)
);

CREATE INDEX river_notification_created_at_idx ON river_notification (created_at);

CREATE INDEX river_notification_topic_id_idx ON river_notification (topic, id);

CREATE TABLE river_queue (
    name       text PRIMARY KEY NOT NULL,
    created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
    metadata   blob NOT NULL DEFAULT (jsonb('{}')),
    paused_at  timestamp,
    updated_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE sessions (
    portal          text NOT NULL,
    organisation_id text NOT NULL,
    id              text NOT NULL,
    user_id         text NOT NULL,
    token_hash      blob NOT NULL,
    strength        text NOT NULL,
    provider        text NOT NULL,
    proven_at       timestamp NOT NULL,
    created_at      timestamp NOT NULL,
    last_seen_at    timestamp NOT NULL,
    user_agent      text NOT NULL,
    ip_address      text NOT NULL, proven_by text NOT NULL DEFAULT '', assurance_level text NOT NULL DEFAULT '', kvk_number text NOT NULL DEFAULT '', establishments text NOT NULL DEFAULT '', intermediary text NOT NULL DEFAULT '',
    PRIMARY KEY (portal, organisation_id, id),
    FOREIGN KEY (portal, organisation_id, user_id) REFERENCES users
);

CREATE UNIQUE INDEX sessions_token ON sessions (portal, token_hash);

CREATE INDEX sessions_user ON sessions (portal, user_id);

CREATE TABLE sign_in_refusals (
    portal          text NOT NULL,
    organisation_id text NOT NULL,
    provider        text NOT NULL,
    code            text NOT NULL,
    -- '' for somebody who has no account.
    user_id         text NOT NULL,
    noted_at        timestamp NOT NULL,
    PRIMARY KEY (portal, organisation_id, provider, code, user_id)
);

CREATE INDEX sign_in_refusals_age ON sign_in_refusals (noted_at);

CREATE TABLE sign_ins (
    portal             text NOT NULL,
    organisation_id    text NOT NULL,
    id                 text NOT NULL,
    user_id            text NOT NULL,
    token_hash         blob NOT NULL,
    first_credential   text NOT NULL,
    credential_version integer NOT NULL,
    factor_proven      text NOT NULL DEFAULT '',
    postponed          boolean NOT NULL DEFAULT false,
    began_at           timestamp NOT NULL,
    expires_at         timestamp NOT NULL,
    PRIMARY KEY (portal, organisation_id, id),
    FOREIGN KEY (portal, organisation_id, user_id) REFERENCES users
);

CREATE UNIQUE INDEX sign_ins_token ON sign_ins (portal, token_hash);

CREATE INDEX sign_ins_user ON sign_ins (portal, user_id);

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
    effective_at    timestamp, concerned_id text NOT NULL DEFAULT '', account_maximum integer, expires_at timestamp, approved_by text NOT NULL DEFAULT '', cancellation text NOT NULL DEFAULT '', cancelled_by text NOT NULL DEFAULT '', ended_at timestamp,
    PRIMARY KEY (portal, organisation_id, id)
);

CREATE INDEX support_actions_by_id ON support_actions (portal, id);

CREATE INDEX support_actions_concerned ON support_actions (portal, concerned_id);

CREATE INDEX support_actions_organisation ON support_actions (portal, organisation_id) WHERE ended_at IS NULL;

CREATE UNIQUE INDEX support_actions_pending ON support_actions (portal, organisation_id, target_id, kind)
    WHERE ended_at IS NULL;

CREATE INDEX support_actions_ticket ON support_actions (portal, ticket);

CREATE TABLE text_budgets (
    portal       text NOT NULL,
    subject      text NOT NULL,
    day          timestamp NOT NULL,
    spent        integer NOT NULL DEFAULT 0,
    exhausted_at timestamp,
    PRIMARY KEY (portal, subject, day)
);

CREATE INDEX text_budgets_day ON text_budgets (day);

CREATE TABLE users (
    portal             text NOT NULL,
    organisation_id    text NOT NULL,
    id                 text NOT NULL,
    display_name       text NOT NULL,
    name_key           text NOT NULL,
    email              text NOT NULL,
    email_key          text NOT NULL,
    username           text,
    username_key       text,
    role               text NOT NULL CHECK (role IN ('SUB_USER', 'SUPER_SUB_USER', 'SUPPORT', 'PORTAL_ADMIN')),
    registration       text NOT NULL CHECK (registration IN ('INVITED', 'RE_REGISTERING', 'REGISTERED', 'REMOVED')),
    removed            boolean NOT NULL GENERATED ALWAYS AS (registration = 'REMOVED') STORED,
    blocked_at         timestamp,
    password_hash      text,
    credential_version integer NOT NULL DEFAULT 1,
    enrolment_owed     text,
    -- The kinds of the rows in factors, written by whatever changes those: lists and counts need no second query.
    factor_kinds       text NOT NULL DEFAULT '',
    postponed_at       timestamp,
    language           text NOT NULL,
    email_refused_at   timestamp,
    created_at         timestamp NOT NULL,
    last_sign_in_at    timestamp, password_reset_at timestamp, provider text NOT NULL DEFAULT '', removed_at timestamp,
    PRIMARY KEY (portal, organisation_id, id),
    UNIQUE (portal, organisation_id, id, removed),
    FOREIGN KEY (portal, organisation_id) REFERENCES organisations
);

CREATE INDEX users_by_email ON users (portal, organisation_id, email_key, id);

CREATE INDEX users_by_id ON users (portal, id);

CREATE INDEX users_by_last_sign_in ON users (portal, organisation_id, (
    CASE WHEN last_sign_in_at IS NULL THEN '0001-01-01 00:00:00+00:00' ELSE last_sign_in_at END
), id);

CREATE INDEX users_by_name ON users (portal, organisation_id, name_key, id);

CREATE INDEX users_by_registration ON users (portal, organisation_id, registration);

CREATE INDEX users_by_status ON users (portal, organisation_id, (
    CASE WHEN registration = 'REMOVED' THEN '6' WHEN blocked_at IS NOT NULL THEN '5' WHEN registration = 'RE_REGISTERING' THEN '3'
        WHEN registration = 'REGISTERED' THEN '4' WHEN provider = '' THEN '1' ELSE '2' END
), name_key, id);

CREATE UNIQUE INDEX users_email ON users (portal, organisation_id, email_key) WHERE NOT removed AND email_key <> '';

CREATE INDEX users_erasable ON users (portal, removed_at) WHERE removed_at IS NOT NULL AND display_name <> '';

CREATE INDEX users_mailbox ON users (portal, email_key);

CREATE INDEX users_search_name ON users (portal, name_key, id);

CREATE INDEX users_search_username ON users (portal, username_key) WHERE username_key IS NOT NULL;

CREATE INDEX users_undated ON users (portal, id) WHERE registration = 'REMOVED' AND removed_at IS NULL;

CREATE UNIQUE INDEX users_username ON users (portal, organisation_id, username_key) WHERE NOT removed AND username_key IS NOT NULL;

CREATE TABLE webauthn_challenges (
    portal          text NOT NULL,
    organisation_id text NOT NULL,
    owner_id        text NOT NULL,
    user_id         text NOT NULL,
    challenge_hash  blob NOT NULL,
    expires_at      timestamp NOT NULL,
    PRIMARY KEY (portal, organisation_id, owner_id),
    FOREIGN KEY (portal, organisation_id, user_id) REFERENCES users
);

CREATE TABLE webauthn_credentials (
    portal          text NOT NULL,
    organisation_id text NOT NULL,
    factor_id       text NOT NULL,
    user_id         text NOT NULL,
    credential_id   blob NOT NULL,
    public_key      blob NOT NULL,
    -- The counter with which the key last signed; one that goes back tells of a copy.
    sign_count      integer NOT NULL,
    backup_eligible boolean NOT NULL,
    backed_up       boolean NOT NULL,
    user_verified   boolean NOT NULL,
    transports      text NOT NULL,
    PRIMARY KEY (portal, organisation_id, factor_id),
    -- A credential goes with its factor.
    FOREIGN KEY (portal, organisation_id, factor_id) REFERENCES factors ON DELETE CASCADE,
    FOREIGN KEY (portal, organisation_id, user_id) REFERENCES users
);

CREATE UNIQUE INDEX webauthn_credentials_id ON webauthn_credentials (portal, credential_id);

CREATE INDEX webauthn_credentials_user ON webauthn_credentials (portal, user_id);

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

CREATE INDEX webhook_deliveries_age ON webhook_deliveries (settled_at) WHERE settled_at IS NOT NULL;

CREATE INDEX webhook_deliveries_asked ON webhook_deliveries (portal, organisation_id, endpoint_id, event_id) WHERE asked;

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

CREATE UNIQUE INDEX webhook_endpoints_slot ON webhook_endpoints (portal, organisation_id, slot);

CREATE TABLE webhook_positions (
    portal                text NOT NULL,
    organisation_id       text NOT NULL,
    endpoint_id           text NOT NULL,
    event_organisation_id text NOT NULL,
    sequence              integer NOT NULL,
    PRIMARY KEY (portal, organisation_id, endpoint_id, event_organisation_id)
);

