-- What the migrations add up to. Written by: go test ./internal/store -run TestSchemaSnapshot -update

CREATE OR REPLACE FUNCTION public.river_job_state_in_bitmask(bitmask bit, state river_job_state)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE
AS $function$
    SELECT CASE state
        WHEN 'available' THEN get_bit(bitmask, 7)
        WHEN 'cancelled' THEN get_bit(bitmask, 6)
        WHEN 'completed' THEN get_bit(bitmask, 5)
        WHEN 'discarded' THEN get_bit(bitmask, 4)
        WHEN 'pending'   THEN get_bit(bitmask, 3)
        WHEN 'retryable' THEN get_bit(bitmask, 2)
        WHEN 'running'   THEN get_bit(bitmask, 1)
        WHEN 'scheduled' THEN get_bit(bitmask, 0)
        ELSE 0
    END = 1;
$function$
;

CREATE OR REPLACE FUNCTION public.wall_in(walled regclass)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', walled);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', walled);
    EXECUTE format('CREATE POLICY tenant ON %s TO sleutelbos_app USING (
        portal = current_setting(''app.portal'', true)
        AND CASE current_setting(''app.organisation'', true) WHEN ''*'' THEN true WHEN organisation_id THEN true
            ELSE left(current_setting(''app.organisation'', true), 1) = ''+''
                AND organisation_id = ANY (string_to_array(substr(current_setting(''app.organisation'', true), 2), '' '')) END)', walled);
    EXECUTE format('CREATE POLICY system ON %s TO sleutelbos_system USING (true)', walled);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO sleutelbos_app, sleutelbos_system', walled);
END $function$
;

CREATE TYPE river_job_state AS ENUM ('available', 'cancelled', 'completed', 'discarded', 'pending', 'retryable', 'running', 'scheduled');

CREATE TABLE api_token_organisations (
    portal text COLLATE "C" NOT NULL,
    organisation_id text COLLATE "C" NOT NULL,
    token_id text COLLATE "C" NOT NULL,
    CONSTRAINT api_token_organisations_pkey PRIMARY KEY (portal, organisation_id, token_id),
    CONSTRAINT api_token_organisations_portal_organisation_id_fkey FOREIGN KEY (portal, organisation_id) REFERENCES organisations(portal, organisation_id)
);
CREATE INDEX api_token_organisations_token ON public.api_token_organisations USING btree (portal, token_id);
ALTER TABLE api_token_organisations ENABLE ROW LEVEL SECURITY;
ALTER TABLE api_token_organisations FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON api_token_organisations FOR ALL TO sleutelbos_system USING (true);
CREATE POLICY tenant ON api_token_organisations FOR ALL TO sleutelbos_app USING (((portal = current_setting('app.portal'::text, true)) AND
CASE current_setting('app.organisation'::text, true)
    WHEN '*'::text THEN true
    WHEN organisation_id THEN true
    ELSE (("left"(current_setting('app.organisation'::text, true), 1) = '+'::text) AND (organisation_id = ANY (string_to_array(substr(current_setting('app.organisation'::text, true), 2), ' '::text))))
END));
GRANT DELETE, INSERT, SELECT, UPDATE ON api_token_organisations TO sleutelbos_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON api_token_organisations TO sleutelbos_system;

CREATE TABLE api_tokens (
    portal text COLLATE "C" NOT NULL,
    organisation_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    token_hash bytea NOT NULL,
    name text NOT NULL,
    scopes text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone,
    last_used_at timestamp with time zone,
    revoked_at timestamp with time zone,
    created_by text COLLATE "C" NOT NULL DEFAULT ''::text,
    networks text NOT NULL DEFAULT ''::text,
    rotated_at timestamp with time zone,
    replaced_by text COLLATE "C" NOT NULL DEFAULT ''::text,
    window_at timestamp with time zone,
    window_taken integer NOT NULL DEFAULT 0,
    CONSTRAINT api_tokens_pkey PRIMARY KEY (portal, organisation_id, id)
);
CREATE INDEX api_tokens_creator ON public.api_tokens USING btree (portal, created_by) WHERE (revoked_at IS NULL);
CREATE UNIQUE INDEX api_tokens_token ON public.api_tokens USING btree (portal, token_hash);
ALTER TABLE api_tokens ENABLE ROW LEVEL SECURITY;
ALTER TABLE api_tokens FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON api_tokens FOR ALL TO sleutelbos_system USING (true);
CREATE POLICY tenant ON api_tokens FOR ALL TO sleutelbos_app USING (((portal = current_setting('app.portal'::text, true)) AND
CASE current_setting('app.organisation'::text, true)
    WHEN '*'::text THEN true
    WHEN organisation_id THEN true
    ELSE (("left"(current_setting('app.organisation'::text, true), 1) = '+'::text) AND (organisation_id = ANY (string_to_array(substr(current_setting('app.organisation'::text, true), 2), ' '::text))))
END));
GRANT DELETE, INSERT, SELECT, UPDATE ON api_tokens TO sleutelbos_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON api_tokens TO sleutelbos_system;

CREATE TABLE assertions (
    portal text COLLATE "C" NOT NULL,
    digest bytea NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    CONSTRAINT assertions_pkey PRIMARY KEY (portal, digest)
);
CREATE INDEX assertions_age ON public.assertions USING btree (expires_at);
ALTER TABLE assertions ENABLE ROW LEVEL SECURITY;
ALTER TABLE assertions FORCE ROW LEVEL SECURITY;
CREATE POLICY portal ON assertions FOR ALL TO sleutelbos_app USING ((portal = current_setting('app.portal'::text, true)));
CREATE POLICY system ON assertions FOR ALL TO sleutelbos_system USING (true);
GRANT DELETE, INSERT, SELECT, UPDATE ON assertions TO sleutelbos_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON assertions TO sleutelbos_system;

CREATE TABLE audit_events (
    portal text COLLATE "C" NOT NULL,
    organisation_id text COLLATE "C" NOT NULL,
    sequence bigint NOT NULL,
    id text COLLATE "C" NOT NULL,
    at timestamp with time zone NOT NULL,
    action text COLLATE "C" NOT NULL,
    actor_id text COLLATE "C" NOT NULL,
    target_id text COLLATE "C" NOT NULL,
    details text NOT NULL,
    previous_hash bytea NOT NULL,
    hash bytea NOT NULL,
    key_id text COLLATE "C" NOT NULL DEFAULT ''::text,
    sealed_facts bytea,
    facts_hash bytea,
    CONSTRAINT audit_events_pkey PRIMARY KEY (portal, organisation_id, sequence)
);
CREATE INDEX audit_events_by_action ON public.audit_events USING btree (portal, organisation_id, action, sequence);
CREATE INDEX audit_events_by_actor ON public.audit_events USING btree (portal, organisation_id, actor_id, sequence);
CREATE INDEX audit_events_by_target ON public.audit_events USING btree (portal, organisation_id, target_id, sequence);
CREATE INDEX audit_events_by_time ON public.audit_events USING btree (portal, organisation_id, at);
ALTER TABLE audit_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_events FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON audit_events FOR ALL TO sleutelbos_system USING (true);
CREATE POLICY tenant ON audit_events FOR ALL TO sleutelbos_app USING (((portal = current_setting('app.portal'::text, true)) AND
CASE current_setting('app.organisation'::text, true)
    WHEN '*'::text THEN true
    WHEN organisation_id THEN true
    ELSE (("left"(current_setting('app.organisation'::text, true), 1) = '+'::text) AND (organisation_id = ANY (string_to_array(substr(current_setting('app.organisation'::text, true), 2), ' '::text))))
END));
GRANT INSERT, SELECT ON audit_events TO sleutelbos_app;
GRANT INSERT, SELECT ON audit_events TO sleutelbos_system;

CREATE TABLE audit_heads (
    portal text COLLATE "C" NOT NULL,
    organisation_id text COLLATE "C" NOT NULL,
    sequence bigint NOT NULL,
    hash bytea NOT NULL,
    CONSTRAINT audit_heads_pkey PRIMARY KEY (portal, organisation_id)
);
ALTER TABLE audit_heads ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_heads FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON audit_heads FOR ALL TO sleutelbos_system USING (true);
CREATE POLICY tenant ON audit_heads FOR ALL TO sleutelbos_app USING (((portal = current_setting('app.portal'::text, true)) AND
CASE current_setting('app.organisation'::text, true)
    WHEN '*'::text THEN true
    WHEN organisation_id THEN true
    ELSE (("left"(current_setting('app.organisation'::text, true), 1) = '+'::text) AND (organisation_id = ANY (string_to_array(substr(current_setting('app.organisation'::text, true), 2), ' '::text))))
END));
GRANT INSERT, SELECT, UPDATE ON audit_heads TO sleutelbos_app;
GRANT INSERT, SELECT, UPDATE ON audit_heads TO sleutelbos_system;

CREATE TABLE audit_keys (
    portal text COLLATE "C" NOT NULL,
    organisation_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    month text COLLATE "C" NOT NULL,
    sealed_key bytea NOT NULL,
    CONSTRAINT audit_keys_pkey PRIMARY KEY (portal, organisation_id, id),
    CONSTRAINT audit_keys_portal_organisation_id_user_id_fkey FOREIGN KEY (portal, organisation_id, user_id) REFERENCES users(portal, organisation_id, id)
);
CREATE INDEX audit_keys_month ON public.audit_keys USING btree (portal, month);
CREATE UNIQUE INDEX audit_keys_user ON public.audit_keys USING btree (portal, organisation_id, user_id, month);
ALTER TABLE audit_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON audit_keys FOR ALL TO sleutelbos_system USING (true);
CREATE POLICY tenant ON audit_keys FOR ALL TO sleutelbos_app USING (((portal = current_setting('app.portal'::text, true)) AND
CASE current_setting('app.organisation'::text, true)
    WHEN '*'::text THEN true
    WHEN organisation_id THEN true
    ELSE (("left"(current_setting('app.organisation'::text, true), 1) = '+'::text) AND (organisation_id = ANY (string_to_array(substr(current_setting('app.organisation'::text, true), 2), ' '::text))))
END));
GRANT DELETE, INSERT, SELECT, UPDATE ON audit_keys TO sleutelbos_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON audit_keys TO sleutelbos_system;

CREATE TABLE business_identities (
    portal text COLLATE "C" NOT NULL,
    organisation_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    kvk_number text COLLATE "C" NOT NULL,
    establishment_numbers text NOT NULL,
    registered_establishments text NOT NULL,
    legal_name text NOT NULL,
    register_status text NOT NULL,
    verified_at timestamp with time zone,
    check_due_at timestamp with time zone NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT business_identities_pkey PRIMARY KEY (portal, organisation_id, id),
    CONSTRAINT business_identities_portal_organisation_id_fkey FOREIGN KEY (portal, organisation_id) REFERENCES organisations(portal, organisation_id)
);
CREATE INDEX business_identities_by_id ON public.business_identities USING btree (id);
CREATE INDEX business_identities_due ON public.business_identities USING btree (check_due_at);
CREATE UNIQUE INDEX business_identities_kvk_number ON public.business_identities USING btree (portal, kvk_number);
ALTER TABLE business_identities ENABLE ROW LEVEL SECURITY;
ALTER TABLE business_identities FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON business_identities FOR ALL TO sleutelbos_system USING (true);
CREATE POLICY tenant ON business_identities FOR ALL TO sleutelbos_app USING (((portal = current_setting('app.portal'::text, true)) AND
CASE current_setting('app.organisation'::text, true)
    WHEN '*'::text THEN true
    WHEN organisation_id THEN true
    ELSE (("left"(current_setting('app.organisation'::text, true), 1) = '+'::text) AND (organisation_id = ANY (string_to_array(substr(current_setting('app.organisation'::text, true), 2), ' '::text))))
END));
GRANT DELETE, INSERT, SELECT, UPDATE ON business_identities TO sleutelbos_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON business_identities TO sleutelbos_system;

CREATE TABLE codes (
    portal text COLLATE "C" NOT NULL,
    organisation_id text COLLATE "C" NOT NULL,
    owner_id text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    factor_id text COLLATE "C" NOT NULL,
    code_hash bytea,
    sent_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    resend_allowed_at timestamp with time zone NOT NULL,
    resends_remaining integer NOT NULL,
    CONSTRAINT codes_pkey PRIMARY KEY (portal, organisation_id, owner_id),
    CONSTRAINT codes_portal_organisation_id_user_id_fkey FOREIGN KEY (portal, organisation_id, user_id) REFERENCES users(portal, organisation_id, id)
);
ALTER TABLE codes ENABLE ROW LEVEL SECURITY;
ALTER TABLE codes FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON codes FOR ALL TO sleutelbos_system USING (true);
CREATE POLICY tenant ON codes FOR ALL TO sleutelbos_app USING (((portal = current_setting('app.portal'::text, true)) AND
CASE current_setting('app.organisation'::text, true)
    WHEN '*'::text THEN true
    WHEN organisation_id THEN true
    ELSE (("left"(current_setting('app.organisation'::text, true), 1) = '+'::text) AND (organisation_id = ANY (string_to_array(substr(current_setting('app.organisation'::text, true), 2), ' '::text))))
END));
GRANT DELETE, INSERT, SELECT, UPDATE ON codes TO sleutelbos_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON codes TO sleutelbos_system;

CREATE TABLE contact_changes (
    portal text COLLATE "C" NOT NULL,
    organisation_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    session_id text COLLATE "C" NOT NULL,
    kind text NOT NULL,
    state text NOT NULL,
    destination_hint text NOT NULL,
    sealed_old bytea NOT NULL,
    sealed_new bytea NOT NULL,
    undo_link_id text COLLATE "C" NOT NULL DEFAULT ''::text,
    failures integer NOT NULL DEFAULT 0,
    last_failed_at timestamp with time zone,
    requested_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    CONSTRAINT contact_changes_pkey PRIMARY KEY (portal, organisation_id, id),
    CONSTRAINT contact_changes_portal_organisation_id_user_id_fkey FOREIGN KEY (portal, organisation_id, user_id) REFERENCES users(portal, organisation_id, id),
    CONSTRAINT contact_changes_state_check CHECK ((state = ANY (ARRAY['AWAITING_CODE'::text, 'CHANGED'::text, 'RESTORED'::text])))
);
CREATE INDEX contact_changes_user ON public.contact_changes USING btree (portal, user_id);
CREATE UNIQUE INDEX contact_changes_waiting ON public.contact_changes USING btree (portal, organisation_id, user_id) WHERE (state = 'AWAITING_CODE'::text);
ALTER TABLE contact_changes ENABLE ROW LEVEL SECURITY;
ALTER TABLE contact_changes FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON contact_changes FOR ALL TO sleutelbos_system USING (true);
CREATE POLICY tenant ON contact_changes FOR ALL TO sleutelbos_app USING (((portal = current_setting('app.portal'::text, true)) AND
CASE current_setting('app.organisation'::text, true)
    WHEN '*'::text THEN true
    WHEN organisation_id THEN true
    ELSE (("left"(current_setting('app.organisation'::text, true), 1) = '+'::text) AND (organisation_id = ANY (string_to_array(substr(current_setting('app.organisation'::text, true), 2), ' '::text))))
END));
GRANT DELETE, INSERT, SELECT, UPDATE ON contact_changes TO sleutelbos_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON contact_changes TO sleutelbos_system;

CREATE TABLE enrolments (
    portal text COLLATE "C" NOT NULL,
    organisation_id text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    sealed_secret bytea NOT NULL,
    failures integer NOT NULL DEFAULT 0,
    expires_at timestamp with time zone NOT NULL,
    CONSTRAINT enrolments_pkey PRIMARY KEY (portal, organisation_id, user_id),
    CONSTRAINT enrolments_portal_organisation_id_user_id_fkey FOREIGN KEY (portal, organisation_id, user_id) REFERENCES users(portal, organisation_id, id)
);
CREATE INDEX enrolments_user ON public.enrolments USING btree (portal, user_id);
ALTER TABLE enrolments ENABLE ROW LEVEL SECURITY;
ALTER TABLE enrolments FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON enrolments FOR ALL TO sleutelbos_system USING (true);
CREATE POLICY tenant ON enrolments FOR ALL TO sleutelbos_app USING (((portal = current_setting('app.portal'::text, true)) AND
CASE current_setting('app.organisation'::text, true)
    WHEN '*'::text THEN true
    WHEN organisation_id THEN true
    ELSE (("left"(current_setting('app.organisation'::text, true), 1) = '+'::text) AND (organisation_id = ANY (string_to_array(substr(current_setting('app.organisation'::text, true), 2), ' '::text))))
END));
GRANT DELETE, INSERT, SELECT, UPDATE ON enrolments TO sleutelbos_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON enrolments TO sleutelbos_system;

CREATE TABLE factors (
    portal text COLLATE "C" NOT NULL,
    organisation_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    sealed_secret bytea NOT NULL,
    last_step bigint NOT NULL,
    failures integer NOT NULL DEFAULT 0,
    last_failed_at timestamp with time zone,
    enrolled_at timestamp with time zone NOT NULL,
    last_used_at timestamp with time zone,
    disabled_at timestamp with time zone,
    hint text NOT NULL DEFAULT ''::text,
    refused_at timestamp with time zone,
    CONSTRAINT factors_pkey PRIMARY KEY (portal, organisation_id, id),
    CONSTRAINT factors_portal_organisation_id_user_id_fkey FOREIGN KEY (portal, organisation_id, user_id) REFERENCES users(portal, organisation_id, id)
);
CREATE INDEX factors_user ON public.factors USING btree (portal, user_id);
ALTER TABLE factors ENABLE ROW LEVEL SECURITY;
ALTER TABLE factors FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON factors FOR ALL TO sleutelbos_system USING (true);
CREATE POLICY tenant ON factors FOR ALL TO sleutelbos_app USING (((portal = current_setting('app.portal'::text, true)) AND
CASE current_setting('app.organisation'::text, true)
    WHEN '*'::text THEN true
    WHEN organisation_id THEN true
    ELSE (("left"(current_setting('app.organisation'::text, true), 1) = '+'::text) AND (organisation_id = ANY (string_to_array(substr(current_setting('app.organisation'::text, true), 2), ' '::text))))
END));
GRANT DELETE, INSERT, SELECT, UPDATE ON factors TO sleutelbos_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON factors TO sleutelbos_system;

CREATE TABLE federated_identities (
    portal text COLLATE "C" NOT NULL,
    organisation_id text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    provider text COLLATE "C" NOT NULL,
    environment text COLLATE "C" NOT NULL,
    subject bytea NOT NULL,
    kvk_number text COLLATE "C" NOT NULL,
    CONSTRAINT federated_identities_pkey PRIMARY KEY (portal, organisation_id, provider, environment, subject, kvk_number),
    CONSTRAINT federated_identities_portal_organisation_id_user_id_fkey FOREIGN KEY (portal, organisation_id, user_id) REFERENCES users(portal, organisation_id, id)
);
CREATE UNIQUE INDEX federated_identities_person ON public.federated_identities USING btree (portal, provider, environment, subject) WHERE (kvk_number = ''::text);
CREATE INDEX federated_identities_user ON public.federated_identities USING btree (portal, user_id);
ALTER TABLE federated_identities ENABLE ROW LEVEL SECURITY;
ALTER TABLE federated_identities FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON federated_identities FOR ALL TO sleutelbos_system USING (true);
CREATE POLICY tenant ON federated_identities FOR ALL TO sleutelbos_app USING (((portal = current_setting('app.portal'::text, true)) AND
CASE current_setting('app.organisation'::text, true)
    WHEN '*'::text THEN true
    WHEN organisation_id THEN true
    ELSE (("left"(current_setting('app.organisation'::text, true), 1) = '+'::text) AND (organisation_id = ANY (string_to_array(substr(current_setting('app.organisation'::text, true), 2), ' '::text))))
END));
GRANT DELETE, INSERT, SELECT, UPDATE ON federated_identities TO sleutelbos_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON federated_identities TO sleutelbos_system;

CREATE TABLE idempotency_keys (
    portal text COLLATE "C" NOT NULL,
    organisation_id text COLLATE "C" NOT NULL,
    actor_id text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    operation text NOT NULL,
    input_digest bytea NOT NULL,
    result_id text COLLATE "C" NOT NULL,
    created_at timestamp with time zone NOT NULL,
    sealed_result bytea,
    CONSTRAINT idempotency_keys_pkey PRIMARY KEY (portal, organisation_id, actor_id, key)
);
ALTER TABLE idempotency_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE idempotency_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON idempotency_keys FOR ALL TO sleutelbos_system USING (true);
CREATE POLICY tenant ON idempotency_keys FOR ALL TO sleutelbos_app USING (((portal = current_setting('app.portal'::text, true)) AND
CASE current_setting('app.organisation'::text, true)
    WHEN '*'::text THEN true
    WHEN organisation_id THEN true
    ELSE (("left"(current_setting('app.organisation'::text, true), 1) = '+'::text) AND (organisation_id = ANY (string_to_array(substr(current_setting('app.organisation'::text, true), 2), ' '::text))))
END));
GRANT DELETE, INSERT, SELECT, UPDATE ON idempotency_keys TO sleutelbos_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON idempotency_keys TO sleutelbos_system;

CREATE TABLE identifiers (
    portal text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    value text COLLATE "C" NOT NULL,
    organisation_id text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    CONSTRAINT identifiers_pkey PRIMARY KEY (portal, kind, value),
    CONSTRAINT identifiers_portal_organisation_id_user_id_fkey FOREIGN KEY (portal, organisation_id, user_id) REFERENCES users(portal, organisation_id, id)
);
CREATE INDEX identifiers_user ON public.identifiers USING btree (portal, user_id);
ALTER TABLE identifiers ENABLE ROW LEVEL SECURITY;
ALTER TABLE identifiers FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON identifiers FOR ALL TO sleutelbos_system USING (true);
CREATE POLICY tenant ON identifiers FOR ALL TO sleutelbos_app USING (((portal = current_setting('app.portal'::text, true)) AND
CASE current_setting('app.organisation'::text, true)
    WHEN '*'::text THEN true
    WHEN organisation_id THEN true
    ELSE (("left"(current_setting('app.organisation'::text, true), 1) = '+'::text) AND (organisation_id = ANY (string_to_array(substr(current_setting('app.organisation'::text, true), 2), ' '::text))))
END));
GRANT DELETE, INSERT, SELECT, UPDATE ON identifiers TO sleutelbos_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON identifiers TO sleutelbos_system;

CREATE TABLE import_rows (
    portal text COLLATE "C" NOT NULL,
    organisation_id text COLLATE "C" NOT NULL,
    import_id text COLLATE "C" NOT NULL,
    number integer NOT NULL,
    state text NOT NULL,
    mac bytea NOT NULL,
    sealed bytea,
    target_id text COLLATE "C" NOT NULL DEFAULT ''::text,
    refusals text NOT NULL DEFAULT '[]'::text,
    CONSTRAINT import_rows_pkey PRIMARY KEY (portal, organisation_id, import_id, number),
    CONSTRAINT import_rows_portal_organisation_id_import_id_fkey FOREIGN KEY (portal, organisation_id, import_id) REFERENCES imports(portal, organisation_id, id) ON DELETE CASCADE
);
CREATE INDEX import_rows_state ON public.import_rows USING btree (portal, organisation_id, import_id, state, number);
ALTER TABLE import_rows ENABLE ROW LEVEL SECURITY;
ALTER TABLE import_rows FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON import_rows FOR ALL TO sleutelbos_system USING (true);
CREATE POLICY tenant ON import_rows FOR ALL TO sleutelbos_app USING (((portal = current_setting('app.portal'::text, true)) AND
CASE current_setting('app.organisation'::text, true)
    WHEN '*'::text THEN true
    WHEN organisation_id THEN true
    ELSE (("left"(current_setting('app.organisation'::text, true), 1) = '+'::text) AND (organisation_id = ANY (string_to_array(substr(current_setting('app.organisation'::text, true), 2), ' '::text))))
END));
GRANT DELETE, INSERT, SELECT, UPDATE ON import_rows TO sleutelbos_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON import_rows TO sleutelbos_system;

CREATE TABLE imports (
    portal text COLLATE "C" NOT NULL,
    organisation_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    actor_id text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    kind text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT imports_pkey PRIMARY KEY (portal, organisation_id, id)
);
CREATE UNIQUE INDEX imports_key ON public.imports USING btree (portal, organisation_id, actor_id, key);
ALTER TABLE imports ENABLE ROW LEVEL SECURITY;
ALTER TABLE imports FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON imports FOR ALL TO sleutelbos_system USING (true);
CREATE POLICY tenant ON imports FOR ALL TO sleutelbos_app USING (((portal = current_setting('app.portal'::text, true)) AND
CASE current_setting('app.organisation'::text, true)
    WHEN '*'::text THEN true
    WHEN organisation_id THEN true
    ELSE (("left"(current_setting('app.organisation'::text, true), 1) = '+'::text) AND (organisation_id = ANY (string_to_array(substr(current_setting('app.organisation'::text, true), 2), ' '::text))))
END));
GRANT DELETE, INSERT, SELECT, UPDATE ON imports TO sleutelbos_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON imports TO sleutelbos_system;

CREATE TABLE invitations (
    portal text COLLATE "C" NOT NULL,
    organisation_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    email text NOT NULL,
    role text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    last_sent_at timestamp with time zone,
    accepted_at timestamp with time zone,
    revoked_at timestamp with time zone,
    sign_in text NOT NULL DEFAULT 'PASSWORD'::text,
    CONSTRAINT invitations_pkey PRIMARY KEY (portal, organisation_id, id),
    CONSTRAINT invitations_portal_organisation_id_user_id_fkey FOREIGN KEY (portal, organisation_id, user_id) REFERENCES users(portal, organisation_id, id),
    CONSTRAINT invitations_portal_organisation_id_user_id_key UNIQUE (portal, organisation_id, user_id)
);
CREATE INDEX invitations_by_id ON public.invitations USING btree (portal, id);
CREATE INDEX invitations_expired ON public.invitations USING btree (portal, expires_at) WHERE ((accepted_at IS NULL) AND (revoked_at IS NULL));
CREATE INDEX invitations_user ON public.invitations USING btree (portal, user_id);
ALTER TABLE invitations ENABLE ROW LEVEL SECURITY;
ALTER TABLE invitations FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON invitations FOR ALL TO sleutelbos_system USING (true);
CREATE POLICY tenant ON invitations FOR ALL TO sleutelbos_app USING (((portal = current_setting('app.portal'::text, true)) AND
CASE current_setting('app.organisation'::text, true)
    WHEN '*'::text THEN true
    WHEN organisation_id THEN true
    ELSE (("left"(current_setting('app.organisation'::text, true), 1) = '+'::text) AND (organisation_id = ANY (string_to_array(substr(current_setting('app.organisation'::text, true), 2), ' '::text))))
END));
GRANT DELETE, INSERT, SELECT, UPDATE ON invitations TO sleutelbos_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON invitations TO sleutelbos_system;

CREATE TABLE journeys (
    portal text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    provider text NOT NULL,
    browser_hash bytea NOT NULL,
    state_hash bytea NOT NULL,
    sealed bytea NOT NULL,
    returned_at timestamp with time zone,
    refused text NOT NULL DEFAULT ''::text,
    token_hash bytea,
    expires_at timestamp with time zone NOT NULL,
    compared text NOT NULL DEFAULT '[]'::text,
    CONSTRAINT journeys_pkey PRIMARY KEY (portal, id)
);
CREATE INDEX journeys_age ON public.journeys USING btree (expires_at);
CREATE UNIQUE INDEX journeys_state ON public.journeys USING btree (portal, state_hash);
CREATE UNIQUE INDEX journeys_token ON public.journeys USING btree (portal, token_hash) WHERE (token_hash IS NOT NULL);
ALTER TABLE journeys ENABLE ROW LEVEL SECURITY;
ALTER TABLE journeys FORCE ROW LEVEL SECURITY;
CREATE POLICY portal ON journeys FOR ALL TO sleutelbos_app USING ((portal = current_setting('app.portal'::text, true)));
CREATE POLICY system ON journeys FOR ALL TO sleutelbos_system USING (true);
GRANT DELETE, INSERT, SELECT, UPDATE ON journeys TO sleutelbos_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON journeys TO sleutelbos_system;

CREATE TABLE links (
    portal text COLLATE "C" NOT NULL,
    organisation_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    token_hash bytea NOT NULL,
    purpose text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    revoked_at timestamp with time zone,
    action_id text COLLATE "C" NOT NULL DEFAULT ''::text,
    CONSTRAINT links_pkey PRIMARY KEY (portal, organisation_id, id),
    CONSTRAINT links_portal_organisation_id_user_id_fkey FOREIGN KEY (portal, organisation_id, user_id) REFERENCES users(portal, organisation_id, id)
);
CREATE INDEX links_open ON public.links USING btree (portal, organisation_id, user_id) WHERE ((used_at IS NULL) AND (revoked_at IS NULL));
CREATE UNIQUE INDEX links_token ON public.links USING btree (portal, token_hash);
CREATE INDEX links_user ON public.links USING btree (portal, user_id, id);
ALTER TABLE links ENABLE ROW LEVEL SECURITY;
ALTER TABLE links FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON links FOR ALL TO sleutelbos_system USING (true);
CREATE POLICY tenant ON links FOR ALL TO sleutelbos_app USING (((portal = current_setting('app.portal'::text, true)) AND
CASE current_setting('app.organisation'::text, true)
    WHEN '*'::text THEN true
    WHEN organisation_id THEN true
    ELSE (("left"(current_setting('app.organisation'::text, true), 1) = '+'::text) AND (organisation_id = ANY (string_to_array(substr(current_setting('app.organisation'::text, true), 2), ' '::text))))
END));
GRANT DELETE, INSERT, SELECT, UPDATE ON links TO sleutelbos_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON links TO sleutelbos_system;

CREATE TABLE messages (
    portal text COLLATE "C" NOT NULL,
    organisation_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    kind text NOT NULL,
    language text NOT NULL,
    recipient text NOT NULL,
    name text NOT NULL,
    organisation_name text NOT NULL,
    sealed_token bytea,
    expires_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    state text NOT NULL DEFAULT 'QUEUED'::text,
    settled_at timestamp with time zone,
    refusal text NOT NULL DEFAULT ''::text,
    factor_id text NOT NULL DEFAULT ''::text,
    sealed_number bytea,
    number_key bytea,
    tried_at timestamp with time zone,
    provider_id text NOT NULL DEFAULT ''::text,
    provider_status text NOT NULL DEFAULT ''::text,
    factor_name text NOT NULL DEFAULT ''::text,
    webhook_host text NOT NULL DEFAULT ''::text,
    CONSTRAINT messages_pkey PRIMARY KEY (portal, organisation_id, id),
    CONSTRAINT messages_state_check CHECK ((state = ANY (ARRAY['QUEUED'::text, 'DELIVERED'::text, 'REFUSED'::text, 'EXPIRED'::text])))
);
CREATE INDEX messages_queued ON public.messages USING btree (created_at) WHERE (state = 'QUEUED'::text);
CREATE INDEX messages_user ON public.messages USING btree (portal, user_id, kind, created_at);
ALTER TABLE messages ENABLE ROW LEVEL SECURITY;
ALTER TABLE messages FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON messages FOR ALL TO sleutelbos_system USING (true);
CREATE POLICY tenant ON messages FOR ALL TO sleutelbos_app USING (((portal = current_setting('app.portal'::text, true)) AND
CASE current_setting('app.organisation'::text, true)
    WHEN '*'::text THEN true
    WHEN organisation_id THEN true
    ELSE (("left"(current_setting('app.organisation'::text, true), 1) = '+'::text) AND (organisation_id = ANY (string_to_array(substr(current_setting('app.organisation'::text, true), 2), ' '::text))))
END));
GRANT DELETE, INSERT, SELECT, UPDATE ON messages TO sleutelbos_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON messages TO sleutelbos_system;

CREATE TABLE name_words (
    portal text COLLATE "C" NOT NULL,
    organisation_id text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    word text COLLATE "C" NOT NULL,
    CONSTRAINT name_words_pkey PRIMARY KEY (portal, organisation_id, user_id, word),
    CONSTRAINT name_words_portal_organisation_id_fkey FOREIGN KEY (portal, organisation_id) REFERENCES organisations(portal, organisation_id)
);
CREATE INDEX name_words_organisations ON public.name_words USING btree (portal, word, organisation_id) WHERE (user_id = ''::text);
CREATE INDEX name_words_users ON public.name_words USING btree (portal, word, organisation_id, user_id) WHERE (user_id <> ''::text);
ALTER TABLE name_words ENABLE ROW LEVEL SECURITY;
ALTER TABLE name_words FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON name_words FOR ALL TO sleutelbos_system USING (true);
CREATE POLICY tenant ON name_words FOR ALL TO sleutelbos_app USING (((portal = current_setting('app.portal'::text, true)) AND
CASE current_setting('app.organisation'::text, true)
    WHEN '*'::text THEN true
    WHEN organisation_id THEN true
    ELSE (("left"(current_setting('app.organisation'::text, true), 1) = '+'::text) AND (organisation_id = ANY (string_to_array(substr(current_setting('app.organisation'::text, true), 2), ' '::text))))
END));
GRANT DELETE, INSERT, SELECT, UPDATE ON name_words TO sleutelbos_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON name_words TO sleutelbos_system;

CREATE TABLE organisations (
    portal text COLLATE "C" NOT NULL,
    organisation_id text COLLATE "C" NOT NULL,
    name text NOT NULL,
    name_key text COLLATE "C" NOT NULL,
    code text,
    code_key text COLLATE "C",
    is_operator boolean NOT NULL DEFAULT false,
    main_user_id text COLLATE "C" NOT NULL,
    main_user_removed boolean NOT NULL DEFAULT false,
    account_maximum integer,
    two_factor_activated_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    is_private boolean NOT NULL DEFAULT false,
    removed_at timestamp with time zone,
    CONSTRAINT organisations_account_maximum_check CHECK ((account_maximum > 0)),
    CONSTRAINT organisations_main_user FOREIGN KEY (portal, organisation_id, main_user_id, main_user_removed) REFERENCES users(portal, organisation_id, id, removed) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT organisations_main_user_removed_check CHECK ((NOT main_user_removed)),
    CONSTRAINT organisations_pkey PRIMARY KEY (portal, organisation_id)
);
CREATE INDEX organisations_by_name ON public.organisations USING btree (portal, name_key, organisation_id);
CREATE UNIQUE INDEX organisations_code ON public.organisations USING btree (portal, code_key) WHERE (code_key IS NOT NULL);
CREATE INDEX organisations_erasable ON public.organisations USING btree (portal, removed_at) WHERE ((removed_at IS NOT NULL) AND (name <> ''::text));
CREATE UNIQUE INDEX organisations_operator ON public.organisations USING btree (portal) WHERE is_operator;
ALTER TABLE organisations ENABLE ROW LEVEL SECURITY;
ALTER TABLE organisations FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON organisations FOR ALL TO sleutelbos_system USING (true);
CREATE POLICY tenant ON organisations FOR ALL TO sleutelbos_app USING (((portal = current_setting('app.portal'::text, true)) AND
CASE current_setting('app.organisation'::text, true)
    WHEN '*'::text THEN true
    WHEN organisation_id THEN true
    ELSE (("left"(current_setting('app.organisation'::text, true), 1) = '+'::text) AND (organisation_id = ANY (string_to_array(substr(current_setting('app.organisation'::text, true), 2), ' '::text))))
END));
GRANT DELETE, INSERT, SELECT, UPDATE ON organisations TO sleutelbos_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON organisations TO sleutelbos_system;

CREATE TABLE password_failures (
    portal text COLLATE "C" NOT NULL,
    subject bytea NOT NULL,
    failures integer NOT NULL,
    last_at timestamp with time zone NOT NULL,
    CONSTRAINT password_failures_pkey PRIMARY KEY (portal, subject)
);
CREATE INDEX password_failures_age ON public.password_failures USING btree (last_at);
ALTER TABLE password_failures ENABLE ROW LEVEL SECURITY;
ALTER TABLE password_failures FORCE ROW LEVEL SECURITY;
CREATE POLICY portal ON password_failures FOR ALL TO sleutelbos_app USING ((portal = current_setting('app.portal'::text, true)));
CREATE POLICY system ON password_failures FOR ALL TO sleutelbos_system USING (true);
GRANT DELETE, INSERT, SELECT, UPDATE ON password_failures TO sleutelbos_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON password_failures TO sleutelbos_system;

CREATE TABLE persons (
    portal text COLLATE "C" NOT NULL,
    organisation_id text COLLATE "C" NOT NULL,
    sealed bytea NOT NULL,
    name_address bytea,
    name_birth bytea,
    address_birth bytea,
    CONSTRAINT persons_pkey PRIMARY KEY (portal, organisation_id),
    CONSTRAINT persons_portal_organisation_id_fkey FOREIGN KEY (portal, organisation_id) REFERENCES organisations(portal, organisation_id)
);
CREATE INDEX persons_address_birth ON public.persons USING btree (portal, address_birth);
CREATE INDEX persons_name_address ON public.persons USING btree (portal, name_address);
CREATE INDEX persons_name_birth ON public.persons USING btree (portal, name_birth);
ALTER TABLE persons ENABLE ROW LEVEL SECURITY;
ALTER TABLE persons FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON persons FOR ALL TO sleutelbos_system USING (true);
CREATE POLICY tenant ON persons FOR ALL TO sleutelbos_app USING (((portal = current_setting('app.portal'::text, true)) AND
CASE current_setting('app.organisation'::text, true)
    WHEN '*'::text THEN true
    WHEN organisation_id THEN true
    ELSE (("left"(current_setting('app.organisation'::text, true), 1) = '+'::text) AND (organisation_id = ANY (string_to_array(substr(current_setting('app.organisation'::text, true), 2), ' '::text))))
END));
GRANT DELETE, INSERT, SELECT, UPDATE ON persons TO sleutelbos_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON persons TO sleutelbos_system;

CREATE TABLE policy_numbers (
    portal text COLLATE "C" NOT NULL,
    organisation_id text COLLATE "C" NOT NULL,
    number text COLLATE "C" NOT NULL,
    CONSTRAINT policy_numbers_pkey PRIMARY KEY (portal, organisation_id, number),
    CONSTRAINT policy_numbers_portal_organisation_id_fkey FOREIGN KEY (portal, organisation_id) REFERENCES organisations(portal, organisation_id)
);
CREATE UNIQUE INDEX policy_numbers_number ON public.policy_numbers USING btree (portal, number);
ALTER TABLE policy_numbers ENABLE ROW LEVEL SECURITY;
ALTER TABLE policy_numbers FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON policy_numbers FOR ALL TO sleutelbos_system USING (true);
CREATE POLICY tenant ON policy_numbers FOR ALL TO sleutelbos_app USING (((portal = current_setting('app.portal'::text, true)) AND
CASE current_setting('app.organisation'::text, true)
    WHEN '*'::text THEN true
    WHEN organisation_id THEN true
    ELSE (("left"(current_setting('app.organisation'::text, true), 1) = '+'::text) AND (organisation_id = ANY (string_to_array(substr(current_setting('app.organisation'::text, true), 2), ' '::text))))
END));
GRANT DELETE, INSERT, SELECT, UPDATE ON policy_numbers TO sleutelbos_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON policy_numbers TO sleutelbos_system;

CREATE TABLE recovery_codes (
    portal text COLLATE "C" NOT NULL,
    organisation_id text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    code_hash bytea NOT NULL,
    key_id text NOT NULL DEFAULT ''::text,
    CONSTRAINT recovery_codes_pkey PRIMARY KEY (portal, organisation_id, user_id, code_hash),
    CONSTRAINT recovery_codes_portal_organisation_id_user_id_fkey FOREIGN KEY (portal, organisation_id, user_id) REFERENCES users(portal, organisation_id, id)
);
ALTER TABLE recovery_codes ENABLE ROW LEVEL SECURITY;
ALTER TABLE recovery_codes FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON recovery_codes FOR ALL TO sleutelbos_system USING (true);
CREATE POLICY tenant ON recovery_codes FOR ALL TO sleutelbos_app USING (((portal = current_setting('app.portal'::text, true)) AND
CASE current_setting('app.organisation'::text, true)
    WHEN '*'::text THEN true
    WHEN organisation_id THEN true
    ELSE (("left"(current_setting('app.organisation'::text, true), 1) = '+'::text) AND (organisation_id = ANY (string_to_array(substr(current_setting('app.organisation'::text, true), 2), ' '::text))))
END));
GRANT DELETE, INSERT, SELECT, UPDATE ON recovery_codes TO sleutelbos_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON recovery_codes TO sleutelbos_system;

CREATE TABLE registrants (
    portal text COLLATE "C" NOT NULL,
    organisation_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    replaces_id text COLLATE "C" NOT NULL DEFAULT ''::text,
    created_at timestamp with time zone NOT NULL,
    due_at timestamp with time zone NOT NULL,
    ready_at timestamp with time zone,
    ended_at timestamp with time zone,
    outcome text NOT NULL DEFAULT ''::text,
    CONSTRAINT registrants_check CHECK (((ended_at IS NULL) = (outcome = ''::text))),
    CONSTRAINT registrants_outcome_check CHECK ((outcome = ANY (ARRAY[''::text, 'COMPLETED'::text, 'STOPPED'::text, 'LAPSED'::text]))),
    CONSTRAINT registrants_pkey PRIMARY KEY (portal, organisation_id, id),
    CONSTRAINT registrants_portal_organisation_id_user_id_fkey FOREIGN KEY (portal, organisation_id, user_id) REFERENCES users(portal, organisation_id, id)
);
CREATE UNIQUE INDEX registrants_announced ON public.registrants USING btree (portal, organisation_id) WHERE ((ended_at IS NULL) AND (replaces_id <> ''::text));
CREATE INDEX registrants_due ON public.registrants USING btree (portal, due_at) WHERE (ended_at IS NULL);
CREATE UNIQUE INDEX registrants_open ON public.registrants USING btree (portal, organisation_id, user_id) WHERE (ended_at IS NULL);
ALTER TABLE registrants ENABLE ROW LEVEL SECURITY;
ALTER TABLE registrants FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON registrants FOR ALL TO sleutelbos_system USING (true);
CREATE POLICY tenant ON registrants FOR ALL TO sleutelbos_app USING (((portal = current_setting('app.portal'::text, true)) AND
CASE current_setting('app.organisation'::text, true)
    WHEN '*'::text THEN true
    WHEN organisation_id THEN true
    ELSE (("left"(current_setting('app.organisation'::text, true), 1) = '+'::text) AND (organisation_id = ANY (string_to_array(substr(current_setting('app.organisation'::text, true), 2), ' '::text))))
END));
GRANT DELETE, INSERT, SELECT, UPDATE ON registrants TO sleutelbos_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON registrants TO sleutelbos_system;

CREATE TABLE registration_attempts (
    portal text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    day timestamp with time zone NOT NULL,
    made integer NOT NULL DEFAULT 0,
    CONSTRAINT registration_attempts_pkey PRIMARY KEY (portal, subject, day)
);
CREATE INDEX registration_attempts_day ON public.registration_attempts USING btree (day);
ALTER TABLE registration_attempts ENABLE ROW LEVEL SECURITY;
ALTER TABLE registration_attempts FORCE ROW LEVEL SECURITY;
CREATE POLICY portal ON registration_attempts FOR ALL TO sleutelbos_app USING ((portal = current_setting('app.portal'::text, true)));
CREATE POLICY system ON registration_attempts FOR ALL TO sleutelbos_system USING (true);
GRANT DELETE, INSERT, SELECT, UPDATE ON registration_attempts TO sleutelbos_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON registration_attempts TO sleutelbos_system;

CREATE TABLE river_job (
    id bigint NOT NULL DEFAULT nextval('river_job_id_seq'::regclass),
    state river_job_state NOT NULL DEFAULT 'available'::river_job_state,
    attempt smallint NOT NULL DEFAULT 0,
    max_attempts smallint NOT NULL DEFAULT 25,
    attempted_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL DEFAULT now(),
    finalized_at timestamp with time zone,
    scheduled_at timestamp with time zone NOT NULL DEFAULT now(),
    priority smallint NOT NULL DEFAULT 1,
    args jsonb NOT NULL,
    attempted_by text[],
    errors jsonb[],
    kind text NOT NULL,
    metadata jsonb NOT NULL DEFAULT '{}'::jsonb,
    queue text NOT NULL DEFAULT 'default'::text,
    tags character varying(255)[] NOT NULL DEFAULT '{}'::character varying[],
    unique_key bytea,
    unique_states bit(8),
    CONSTRAINT finalized_or_finalized_at_null CHECK ((((finalized_at IS NULL) AND (state <> ALL (ARRAY['cancelled'::river_job_state, 'completed'::river_job_state, 'discarded'::river_job_state]))) OR ((finalized_at IS NOT NULL) AND (state = ANY (ARRAY['cancelled'::river_job_state, 'completed'::river_job_state, 'discarded'::river_job_state]))))),
    CONSTRAINT kind_length CHECK (((char_length(kind) > 0) AND (char_length(kind) < 128))),
    CONSTRAINT max_attempts_is_positive CHECK ((max_attempts > 0)),
    CONSTRAINT priority_in_range CHECK (((priority >= 1) AND (priority <= 4))),
    CONSTRAINT queue_length CHECK (((char_length(queue) > 0) AND (char_length(queue) < 128))),
    CONSTRAINT river_job_pkey PRIMARY KEY (id)
);
CREATE INDEX river_job_kind ON public.river_job USING btree (kind);
CREATE INDEX river_job_prioritized_fetching_index ON public.river_job USING btree (state, queue, priority, scheduled_at, id);
CREATE INDEX river_job_state_and_finalized_at_index ON public.river_job USING btree (state, finalized_at) WHERE (finalized_at IS NOT NULL);
CREATE UNIQUE INDEX river_job_unique_idx ON public.river_job USING btree (unique_key) WHERE ((unique_key IS NOT NULL) AND (unique_states IS NOT NULL) AND river_job_state_in_bitmask(unique_states, state));
GRANT INSERT, SELECT ON river_job TO sleutelbos_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON river_job TO sleutelbos_system;

CREATE UNLOGGED TABLE river_leader (
    elected_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    leader_id text NOT NULL,
    name text NOT NULL DEFAULT 'default'::text,
    CONSTRAINT leader_id_length CHECK (((char_length(leader_id) > 0) AND (char_length(leader_id) < 128))),
    CONSTRAINT name_length CHECK ((name = 'default'::text)),
    CONSTRAINT river_leader_pkey PRIMARY KEY (name)
);
GRANT DELETE, INSERT, SELECT, UPDATE ON river_leader TO sleutelbos_system;

CREATE TABLE river_notification (
    id bigint NOT NULL DEFAULT nextval('river_notification_id_seq'::regclass),
    created_at timestamp with time zone NOT NULL DEFAULT now(),
    payload text NOT NULL,
    topic text NOT NULL,
    CONSTRAINT river_notification_pkey PRIMARY KEY (id),
    CONSTRAINT topic_length CHECK (((length(topic) > 0) AND (length(topic) < 128)))
);
CREATE INDEX river_notification_created_at_idx ON public.river_notification USING btree (created_at);
CREATE INDEX river_notification_topic_id_idx ON public.river_notification USING btree (topic, id);
GRANT DELETE, INSERT, SELECT, UPDATE ON river_notification TO sleutelbos_system;

CREATE TABLE river_queue (
    name text NOT NULL,
    created_at timestamp with time zone NOT NULL DEFAULT now(),
    metadata jsonb NOT NULL DEFAULT '{}'::jsonb,
    paused_at timestamp with time zone,
    updated_at timestamp with time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT river_queue_pkey PRIMARY KEY (name)
);
GRANT DELETE, INSERT, SELECT, UPDATE ON river_queue TO sleutelbos_system;

CREATE TABLE sessions (
    portal text COLLATE "C" NOT NULL,
    organisation_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    token_hash bytea NOT NULL,
    strength text NOT NULL,
    provider text NOT NULL,
    proven_at timestamp with time zone NOT NULL,
    created_at timestamp with time zone NOT NULL,
    last_seen_at timestamp with time zone NOT NULL,
    user_agent text NOT NULL,
    ip_address text NOT NULL,
    proven_by text NOT NULL DEFAULT ''::text,
    assurance_level text NOT NULL DEFAULT ''::text,
    kvk_number text COLLATE "C" NOT NULL DEFAULT ''::text,
    establishments text NOT NULL DEFAULT ''::text,
    intermediary text NOT NULL DEFAULT ''::text,
    CONSTRAINT sessions_pkey PRIMARY KEY (portal, organisation_id, id),
    CONSTRAINT sessions_portal_organisation_id_user_id_fkey FOREIGN KEY (portal, organisation_id, user_id) REFERENCES users(portal, organisation_id, id)
);
CREATE UNIQUE INDEX sessions_token ON public.sessions USING btree (portal, token_hash);
CREATE INDEX sessions_user ON public.sessions USING btree (portal, user_id);
ALTER TABLE sessions ENABLE ROW LEVEL SECURITY;
ALTER TABLE sessions FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON sessions FOR ALL TO sleutelbos_system USING (true);
CREATE POLICY tenant ON sessions FOR ALL TO sleutelbos_app USING (((portal = current_setting('app.portal'::text, true)) AND
CASE current_setting('app.organisation'::text, true)
    WHEN '*'::text THEN true
    WHEN organisation_id THEN true
    ELSE (("left"(current_setting('app.organisation'::text, true), 1) = '+'::text) AND (organisation_id = ANY (string_to_array(substr(current_setting('app.organisation'::text, true), 2), ' '::text))))
END));
GRANT DELETE, INSERT, SELECT, UPDATE ON sessions TO sleutelbos_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON sessions TO sleutelbos_system;

CREATE TABLE sign_in_refusals (
    portal text COLLATE "C" NOT NULL,
    organisation_id text COLLATE "C" NOT NULL,
    provider text COLLATE "C" NOT NULL,
    code text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    noted_at timestamp with time zone NOT NULL,
    CONSTRAINT sign_in_refusals_pkey PRIMARY KEY (portal, organisation_id, provider, code, user_id)
);
CREATE INDEX sign_in_refusals_age ON public.sign_in_refusals USING btree (noted_at);
ALTER TABLE sign_in_refusals ENABLE ROW LEVEL SECURITY;
ALTER TABLE sign_in_refusals FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON sign_in_refusals FOR ALL TO sleutelbos_system USING (true);
CREATE POLICY tenant ON sign_in_refusals FOR ALL TO sleutelbos_app USING (((portal = current_setting('app.portal'::text, true)) AND
CASE current_setting('app.organisation'::text, true)
    WHEN '*'::text THEN true
    WHEN organisation_id THEN true
    ELSE (("left"(current_setting('app.organisation'::text, true), 1) = '+'::text) AND (organisation_id = ANY (string_to_array(substr(current_setting('app.organisation'::text, true), 2), ' '::text))))
END));
GRANT DELETE, INSERT, SELECT, UPDATE ON sign_in_refusals TO sleutelbos_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON sign_in_refusals TO sleutelbos_system;

CREATE TABLE sign_ins (
    portal text COLLATE "C" NOT NULL,
    organisation_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    token_hash bytea NOT NULL,
    first_credential text NOT NULL,
    credential_version integer NOT NULL,
    factor_proven text NOT NULL DEFAULT ''::text,
    postponed boolean NOT NULL DEFAULT false,
    began_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    CONSTRAINT sign_ins_pkey PRIMARY KEY (portal, organisation_id, id),
    CONSTRAINT sign_ins_portal_organisation_id_user_id_fkey FOREIGN KEY (portal, organisation_id, user_id) REFERENCES users(portal, organisation_id, id)
);
CREATE UNIQUE INDEX sign_ins_token ON public.sign_ins USING btree (portal, token_hash);
CREATE INDEX sign_ins_user ON public.sign_ins USING btree (portal, user_id);
ALTER TABLE sign_ins ENABLE ROW LEVEL SECURITY;
ALTER TABLE sign_ins FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON sign_ins FOR ALL TO sleutelbos_system USING (true);
CREATE POLICY tenant ON sign_ins FOR ALL TO sleutelbos_app USING (((portal = current_setting('app.portal'::text, true)) AND
CASE current_setting('app.organisation'::text, true)
    WHEN '*'::text THEN true
    WHEN organisation_id THEN true
    ELSE (("left"(current_setting('app.organisation'::text, true), 1) = '+'::text) AND (organisation_id = ANY (string_to_array(substr(current_setting('app.organisation'::text, true), 2), ' '::text))))
END));
GRANT DELETE, INSERT, SELECT, UPDATE ON sign_ins TO sleutelbos_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON sign_ins TO sleutelbos_system;

CREATE TABLE support_actions (
    portal text COLLATE "C" NOT NULL,
    organisation_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    kind text NOT NULL,
    target_id text COLLATE "C" NOT NULL,
    reason text NOT NULL,
    ticket text NOT NULL,
    requested_by text COLLATE "C" NOT NULL,
    requested_at timestamp with time zone NOT NULL,
    state text NOT NULL,
    effective_at timestamp with time zone,
    concerned_id text COLLATE "C" NOT NULL DEFAULT ''::text,
    account_maximum integer,
    expires_at timestamp with time zone,
    approved_by text COLLATE "C" NOT NULL DEFAULT ''::text,
    cancellation text NOT NULL DEFAULT ''::text,
    cancelled_by text COLLATE "C" NOT NULL DEFAULT ''::text,
    ended_at timestamp with time zone,
    CONSTRAINT support_actions_pkey PRIMARY KEY (portal, organisation_id, id)
);
CREATE INDEX support_actions_by_id ON public.support_actions USING btree (portal, id);
CREATE INDEX support_actions_concerned ON public.support_actions USING btree (portal, concerned_id);
CREATE INDEX support_actions_organisation ON public.support_actions USING btree (portal, organisation_id) WHERE (ended_at IS NULL);
CREATE UNIQUE INDEX support_actions_pending ON public.support_actions USING btree (portal, organisation_id, target_id, kind) WHERE (ended_at IS NULL);
CREATE INDEX support_actions_ticket ON public.support_actions USING btree (portal, ticket);
ALTER TABLE support_actions ENABLE ROW LEVEL SECURITY;
ALTER TABLE support_actions FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON support_actions FOR ALL TO sleutelbos_system USING (true);
CREATE POLICY tenant ON support_actions FOR ALL TO sleutelbos_app USING (((portal = current_setting('app.portal'::text, true)) AND
CASE current_setting('app.organisation'::text, true)
    WHEN '*'::text THEN true
    WHEN organisation_id THEN true
    ELSE (("left"(current_setting('app.organisation'::text, true), 1) = '+'::text) AND (organisation_id = ANY (string_to_array(substr(current_setting('app.organisation'::text, true), 2), ' '::text))))
END));
GRANT DELETE, INSERT, SELECT, UPDATE ON support_actions TO sleutelbos_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON support_actions TO sleutelbos_system;

CREATE TABLE text_budgets (
    portal text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    day timestamp with time zone NOT NULL,
    spent integer NOT NULL DEFAULT 0,
    exhausted_at timestamp with time zone,
    CONSTRAINT text_budgets_pkey PRIMARY KEY (portal, subject, day)
);
CREATE INDEX text_budgets_day ON public.text_budgets USING btree (day);
ALTER TABLE text_budgets ENABLE ROW LEVEL SECURITY;
ALTER TABLE text_budgets FORCE ROW LEVEL SECURITY;
CREATE POLICY portal ON text_budgets FOR ALL TO sleutelbos_app USING ((portal = current_setting('app.portal'::text, true)));
CREATE POLICY system ON text_budgets FOR ALL TO sleutelbos_system USING (true);
GRANT DELETE, INSERT, SELECT, UPDATE ON text_budgets TO sleutelbos_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON text_budgets TO sleutelbos_system;

CREATE TABLE users (
    portal text COLLATE "C" NOT NULL,
    organisation_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    display_name text NOT NULL,
    name_key text COLLATE "C" NOT NULL,
    email text NOT NULL,
    email_key text COLLATE "C" NOT NULL,
    username text,
    username_key text COLLATE "C",
    role text NOT NULL,
    registration text NOT NULL,
    removed boolean NOT NULL GENERATED ALWAYS AS ((registration = 'REMOVED'::text)) STORED,
    blocked_at timestamp with time zone,
    password_hash text,
    credential_version integer NOT NULL DEFAULT 1,
    enrolment_owed text,
    factor_kinds text NOT NULL DEFAULT ''::text,
    postponed_at timestamp with time zone,
    language text NOT NULL,
    email_refused_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    last_sign_in_at timestamp with time zone,
    password_reset_at timestamp with time zone,
    provider text NOT NULL DEFAULT ''::text,
    removed_at timestamp with time zone,
    CONSTRAINT users_pkey PRIMARY KEY (portal, organisation_id, id),
    CONSTRAINT users_portal_organisation_id_fkey FOREIGN KEY (portal, organisation_id) REFERENCES organisations(portal, organisation_id),
    CONSTRAINT users_portal_organisation_id_id_removed_key UNIQUE (portal, organisation_id, id, removed),
    CONSTRAINT users_registration_check CHECK ((registration = ANY (ARRAY['INVITED'::text, 'RE_REGISTERING'::text, 'REGISTERED'::text, 'REMOVED'::text]))),
    CONSTRAINT users_role_check CHECK ((role = ANY (ARRAY['SUB_USER'::text, 'SUPER_SUB_USER'::text, 'SUPPORT'::text, 'PORTAL_ADMIN'::text])))
);
CREATE INDEX users_by_email ON public.users USING btree (portal, organisation_id, email_key, id);
CREATE INDEX users_by_id ON public.users USING btree (portal, id);
CREATE INDEX users_by_last_sign_in ON public.users USING btree (portal, organisation_id, (
CASE
    WHEN (last_sign_in_at IS NULL) THEN '0001-01-01 00:00:00+00'::timestamp with time zone
    ELSE last_sign_in_at
END), id);
CREATE INDEX users_by_name ON public.users USING btree (portal, organisation_id, name_key, id);
CREATE INDEX users_by_registration ON public.users USING btree (portal, organisation_id, registration);
CREATE INDEX users_by_status ON public.users USING btree (portal, organisation_id, (
CASE
    WHEN (registration = 'REMOVED'::text) THEN '6'::text
    WHEN (blocked_at IS NOT NULL) THEN '5'::text
    WHEN (registration = 'RE_REGISTERING'::text) THEN '3'::text
    WHEN (registration = 'REGISTERED'::text) THEN '4'::text
    WHEN (provider = ''::text) THEN '1'::text
    ELSE '2'::text
END), name_key, id);
CREATE UNIQUE INDEX users_email ON public.users USING btree (portal, organisation_id, email_key) WHERE ((NOT removed) AND (email_key <> ''::text));
CREATE INDEX users_erasable ON public.users USING btree (portal, removed_at) WHERE ((removed_at IS NOT NULL) AND (display_name <> ''::text));
CREATE INDEX users_mailbox ON public.users USING btree (portal, email_key);
CREATE INDEX users_search_name ON public.users USING btree (portal, name_key, id);
CREATE INDEX users_search_username ON public.users USING btree (portal, username_key) WHERE (username_key IS NOT NULL);
CREATE INDEX users_undated ON public.users USING btree (portal, id) WHERE ((registration = 'REMOVED'::text) AND (removed_at IS NULL));
CREATE UNIQUE INDEX users_username ON public.users USING btree (portal, organisation_id, username_key) WHERE ((NOT removed) AND (username_key IS NOT NULL));
ALTER TABLE users ENABLE ROW LEVEL SECURITY;
ALTER TABLE users FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON users FOR ALL TO sleutelbos_system USING (true);
CREATE POLICY tenant ON users FOR ALL TO sleutelbos_app USING (((portal = current_setting('app.portal'::text, true)) AND
CASE current_setting('app.organisation'::text, true)
    WHEN '*'::text THEN true
    WHEN organisation_id THEN true
    ELSE (("left"(current_setting('app.organisation'::text, true), 1) = '+'::text) AND (organisation_id = ANY (string_to_array(substr(current_setting('app.organisation'::text, true), 2), ' '::text))))
END));
GRANT DELETE, INSERT, SELECT, UPDATE ON users TO sleutelbos_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON users TO sleutelbos_system;

CREATE TABLE webauthn_challenges (
    portal text COLLATE "C" NOT NULL,
    organisation_id text COLLATE "C" NOT NULL,
    owner_id text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    challenge_hash bytea NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    CONSTRAINT webauthn_challenges_pkey PRIMARY KEY (portal, organisation_id, owner_id),
    CONSTRAINT webauthn_challenges_portal_organisation_id_user_id_fkey FOREIGN KEY (portal, organisation_id, user_id) REFERENCES users(portal, organisation_id, id)
);
ALTER TABLE webauthn_challenges ENABLE ROW LEVEL SECURITY;
ALTER TABLE webauthn_challenges FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON webauthn_challenges FOR ALL TO sleutelbos_system USING (true);
CREATE POLICY tenant ON webauthn_challenges FOR ALL TO sleutelbos_app USING (((portal = current_setting('app.portal'::text, true)) AND
CASE current_setting('app.organisation'::text, true)
    WHEN '*'::text THEN true
    WHEN organisation_id THEN true
    ELSE (("left"(current_setting('app.organisation'::text, true), 1) = '+'::text) AND (organisation_id = ANY (string_to_array(substr(current_setting('app.organisation'::text, true), 2), ' '::text))))
END));
GRANT DELETE, INSERT, SELECT, UPDATE ON webauthn_challenges TO sleutelbos_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON webauthn_challenges TO sleutelbos_system;

CREATE TABLE webauthn_credentials (
    portal text COLLATE "C" NOT NULL,
    organisation_id text COLLATE "C" NOT NULL,
    factor_id text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    credential_id bytea NOT NULL,
    public_key bytea NOT NULL,
    sign_count bigint NOT NULL,
    backup_eligible boolean NOT NULL,
    backed_up boolean NOT NULL,
    user_verified boolean NOT NULL,
    transports text NOT NULL,
    CONSTRAINT webauthn_credentials_pkey PRIMARY KEY (portal, organisation_id, factor_id),
    CONSTRAINT webauthn_credentials_portal_organisation_id_factor_id_fkey FOREIGN KEY (portal, organisation_id, factor_id) REFERENCES factors(portal, organisation_id, id) ON DELETE CASCADE,
    CONSTRAINT webauthn_credentials_portal_organisation_id_user_id_fkey FOREIGN KEY (portal, organisation_id, user_id) REFERENCES users(portal, organisation_id, id)
);
CREATE UNIQUE INDEX webauthn_credentials_id ON public.webauthn_credentials USING btree (portal, credential_id);
CREATE INDEX webauthn_credentials_user ON public.webauthn_credentials USING btree (portal, user_id);
ALTER TABLE webauthn_credentials ENABLE ROW LEVEL SECURITY;
ALTER TABLE webauthn_credentials FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON webauthn_credentials FOR ALL TO sleutelbos_system USING (true);
CREATE POLICY tenant ON webauthn_credentials FOR ALL TO sleutelbos_app USING (((portal = current_setting('app.portal'::text, true)) AND
CASE current_setting('app.organisation'::text, true)
    WHEN '*'::text THEN true
    WHEN organisation_id THEN true
    ELSE (("left"(current_setting('app.organisation'::text, true), 1) = '+'::text) AND (organisation_id = ANY (string_to_array(substr(current_setting('app.organisation'::text, true), 2), ' '::text))))
END));
GRANT DELETE, INSERT, SELECT, UPDATE ON webauthn_credentials TO sleutelbos_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON webauthn_credentials TO sleutelbos_system;

CREATE TABLE webhook_deliveries (
    portal text COLLATE "C" NOT NULL,
    organisation_id text COLLATE "C" NOT NULL,
    endpoint_id text COLLATE "C" NOT NULL,
    event_id text COLLATE "C" NOT NULL,
    event_organisation_id text COLLATE "C" NOT NULL,
    sequence bigint NOT NULL,
    action text COLLATE "C" NOT NULL,
    state text COLLATE "C" NOT NULL,
    asked boolean NOT NULL DEFAULT false,
    attempts integer NOT NULL,
    last_attempt_at timestamp with time zone,
    response_status integer NOT NULL,
    failure text NOT NULL,
    settled_at timestamp with time zone,
    CONSTRAINT webhook_deliveries_pkey PRIMARY KEY (portal, organisation_id, endpoint_id, event_id)
);
CREATE INDEX webhook_deliveries_age ON public.webhook_deliveries USING btree (settled_at) WHERE (settled_at IS NOT NULL);
CREATE INDEX webhook_deliveries_asked ON public.webhook_deliveries USING btree (portal, organisation_id, endpoint_id, event_id) WHERE asked;
ALTER TABLE webhook_deliveries ENABLE ROW LEVEL SECURITY;
ALTER TABLE webhook_deliveries FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON webhook_deliveries FOR ALL TO sleutelbos_system USING (true);
CREATE POLICY tenant ON webhook_deliveries FOR ALL TO sleutelbos_app USING (((portal = current_setting('app.portal'::text, true)) AND
CASE current_setting('app.organisation'::text, true)
    WHEN '*'::text THEN true
    WHEN organisation_id THEN true
    ELSE (("left"(current_setting('app.organisation'::text, true), 1) = '+'::text) AND (organisation_id = ANY (string_to_array(substr(current_setting('app.organisation'::text, true), 2), ' '::text))))
END));
GRANT DELETE, INSERT, SELECT, UPDATE ON webhook_deliveries TO sleutelbos_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON webhook_deliveries TO sleutelbos_system;

CREATE TABLE webhook_endpoints (
    portal text COLLATE "C" NOT NULL,
    organisation_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    slot integer NOT NULL,
    url text NOT NULL,
    description text NOT NULL,
    actions text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    created_by text COLLATE "C" NOT NULL,
    owner_id text COLLATE "C" NOT NULL,
    sealed_secret bytea NOT NULL,
    sealed_previous bytea,
    previous_secret_until timestamp with time zone,
    disabled_at timestamp with time zone,
    disabled_for text NOT NULL DEFAULT ''::text,
    failed_attempts integer NOT NULL DEFAULT 0,
    failing_since timestamp with time zone,
    next_attempt_at timestamp with time zone,
    claimed_by text NOT NULL DEFAULT ''::text,
    claimed_until timestamp with time zone,
    CONSTRAINT webhook_endpoints_pkey PRIMARY KEY (portal, organisation_id, id)
);
CREATE UNIQUE INDEX webhook_endpoints_slot ON public.webhook_endpoints USING btree (portal, organisation_id, slot);
ALTER TABLE webhook_endpoints ENABLE ROW LEVEL SECURITY;
ALTER TABLE webhook_endpoints FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON webhook_endpoints FOR ALL TO sleutelbos_system USING (true);
CREATE POLICY tenant ON webhook_endpoints FOR ALL TO sleutelbos_app USING (((portal = current_setting('app.portal'::text, true)) AND
CASE current_setting('app.organisation'::text, true)
    WHEN '*'::text THEN true
    WHEN organisation_id THEN true
    ELSE (("left"(current_setting('app.organisation'::text, true), 1) = '+'::text) AND (organisation_id = ANY (string_to_array(substr(current_setting('app.organisation'::text, true), 2), ' '::text))))
END));
GRANT DELETE, INSERT, SELECT, UPDATE ON webhook_endpoints TO sleutelbos_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON webhook_endpoints TO sleutelbos_system;

CREATE TABLE webhook_positions (
    portal text COLLATE "C" NOT NULL,
    organisation_id text COLLATE "C" NOT NULL,
    endpoint_id text COLLATE "C" NOT NULL,
    event_organisation_id text COLLATE "C" NOT NULL,
    sequence bigint NOT NULL,
    CONSTRAINT webhook_positions_pkey PRIMARY KEY (portal, organisation_id, endpoint_id, event_organisation_id)
);
ALTER TABLE webhook_positions ENABLE ROW LEVEL SECURITY;
ALTER TABLE webhook_positions FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON webhook_positions FOR ALL TO sleutelbos_system USING (true);
CREATE POLICY tenant ON webhook_positions FOR ALL TO sleutelbos_app USING (((portal = current_setting('app.portal'::text, true)) AND
CASE current_setting('app.organisation'::text, true)
    WHEN '*'::text THEN true
    WHEN organisation_id THEN true
    ELSE (("left"(current_setting('app.organisation'::text, true), 1) = '+'::text) AND (organisation_id = ANY (string_to_array(substr(current_setting('app.organisation'::text, true), 2), ' '::text))))
END));
GRANT DELETE, INSERT, SELECT, UPDATE ON webhook_positions TO sleutelbos_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON webhook_positions TO sleutelbos_system;

