-- A partner's program may be let into several organisations of a portal. Its transactions name them all in app.organisation,
-- with + in front and spaces between; no id begins so. CASE tests the one organisation first, which costs what it did.
CREATE OR REPLACE FUNCTION wall_in(walled regclass) RETURNS void LANGUAGE plpgsql AS $$
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
END $$;
--bun:split
DO $$
DECLARE walled regclass;
BEGIN
    FOR walled IN SELECT polrelid FROM pg_policy WHERE polname = 'tenant' LOOP
        EXECUTE format('ALTER POLICY tenant ON %s USING (
            portal = current_setting(''app.portal'', true)
            AND CASE current_setting(''app.organisation'', true) WHEN ''*'' THEN true WHEN organisation_id THEN true
                ELSE left(current_setting(''app.organisation'', true), 1) = ''+''
                    AND organisation_id = ANY (string_to_array(substr(current_setting(''app.organisation'', true), 2), '' '')) END)', walled);
    END LOOP;
END $$;
--bun:split
-- Networks from which a token works, with spaces between; '' for everywhere. A token for several organisations has its own id
-- as its organisation_id.
ALTER TABLE api_tokens ADD COLUMN networks text NOT NULL DEFAULT '';
--bun:split
ALTER TABLE api_tokens ADD COLUMN rotated_at timestamptz;
--bun:split
ALTER TABLE api_tokens ADD COLUMN replaced_by text COLLATE "C" NOT NULL DEFAULT '';
--bun:split
-- How many requests processes have set aside in the window that began then.
ALTER TABLE api_tokens ADD COLUMN window_at timestamptz;
--bun:split
ALTER TABLE api_tokens ADD COLUMN window_taken integer NOT NULL DEFAULT 0;
--bun:split
CREATE TABLE api_token_organisations (
    portal          text COLLATE "C" NOT NULL,
    organisation_id text COLLATE "C" NOT NULL,
    token_id        text COLLATE "C" NOT NULL,
    PRIMARY KEY (portal, organisation_id, token_id),
    FOREIGN KEY (portal, organisation_id) REFERENCES organisations
);
--bun:split
CREATE INDEX api_token_organisations_token ON api_token_organisations (portal, token_id);
--bun:split
SELECT wall_in('api_token_organisations');
