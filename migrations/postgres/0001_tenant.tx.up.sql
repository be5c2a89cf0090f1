-- Two roles stand between the service and its rows. sleutelbos_app sees the rows of the tenant that its transaction named
-- and no others; sleutelbos_system is for jobs and for the few look-ups before a tenant is known. Tables belong to
-- whoever runs the migrations; no request works as the owner.
DO $$
BEGIN
    CREATE ROLE sleutelbos_app NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
--bun:split
DO $$
BEGIN
    CREATE ROLE sleutelbos_system NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
--bun:split
DO $$
BEGIN
    IF NOT pg_has_role(current_user, 'sleutelbos_app', 'MEMBER') THEN
        EXECUTE format('GRANT sleutelbos_app, sleutelbos_system TO %I', current_user);
    END IF;
END $$;
--bun:split
GRANT USAGE ON SCHEMA public TO sleutelbos_app, sleutelbos_system;
--bun:split
-- wall_in puts a table with the columns portal and organisation_id behind the tenant's wall. A transaction that named no
-- tenant sees nothing; '*' is every organisation of the named portal. It is said with CASE because the planner takes that for
-- half of the rows; an OR it takes for very few, and then sorts a whole portal for one page of it. Indexes lead with the
-- portal and the user, for the same work is done within an organisation and across them.
CREATE FUNCTION wall_in(walled regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', walled);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', walled);
    EXECUTE format('CREATE POLICY tenant ON %s TO sleutelbos_app USING (
        portal = current_setting(''app.portal'', true)
        AND CASE current_setting(''app.organisation'', true) WHEN ''*'' THEN true
            ELSE organisation_id = current_setting(''app.organisation'', true) END)', walled);
    EXECUTE format('CREATE POLICY system ON %s TO sleutelbos_system USING (true)', walled);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO sleutelbos_app, sleutelbos_system', walled);
END $$;
