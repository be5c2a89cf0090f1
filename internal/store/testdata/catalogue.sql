-- Says from PostgreSQL's catalogue what pg_dump would, without its version's noise.
WITH relation AS (
    SELECT c.relname AS name, c.* FROM pg_class AS c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname NOT LIKE 'bun\_%'
), piece AS (
    SELECT '' AS name, 0 AS part, proname AS item, pg_get_functiondef(oid) || ';' || E'\n' AS text
    FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL
    SELECT '', 1, t.typname, format('CREATE TYPE %I AS ENUM (%s);', t.typname,
        (SELECT string_agg(quote_literal(enumlabel), ', ' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid)) || E'\n'
    FROM pg_type AS t WHERE t.typnamespace = 'public'::regnamespace AND t.typtype = 'e'
    UNION ALL
    SELECT r.name, 2, '', format(E'CREATE %sTABLE %I (\n%s\n);', CASE r.relpersistence WHEN 'u' THEN 'UNLOGGED ' ELSE '' END, r.name,
        (SELECT string_agg(line, E',\n' ORDER BY place, line) FROM (
            SELECT a.attnum AS place, format('    %I %s', a.attname, format_type(a.atttypid, a.atttypmod))
                || coalesce((SELECT format(' COLLATE %I', l.collname) FROM pg_collation AS l WHERE l.oid = a.attcollation AND l.collname <> 'default'), '')
                || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END
                || coalesce((SELECT CASE a.attgenerated WHEN 's' THEN format(' GENERATED ALWAYS AS (%s) STORED', pg_get_expr(d.adbin, d.adrelid))
                    ELSE ' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid) END
                    FROM pg_attrdef AS d WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum), '') AS line
            FROM pg_attribute AS a WHERE a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
            UNION ALL
            SELECT 10000, format('    CONSTRAINT %I %s', conname, pg_get_constraintdef(oid))
            FROM pg_constraint WHERE conrelid = r.oid AND contype IN ('p', 'u', 'f', 'c', 'x')) AS lines))
    FROM relation AS r
    UNION ALL
    SELECT r.name, 3, i.relname, pg_get_indexdef(i.oid) || ';' FROM relation AS r JOIN pg_index AS x ON x.indrelid = r.oid
    JOIN pg_class AS i ON i.oid = x.indexrelid WHERE NOT EXISTS (SELECT 1 FROM pg_constraint AS c WHERE c.conindid = i.oid AND c.contype IN ('p', 'u'))
    UNION ALL
    SELECT r.name, 4, '', format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY;', r.name) FROM relation AS r WHERE r.relrowsecurity
    UNION ALL
    SELECT r.name, 5, '', format('ALTER TABLE %I FORCE ROW LEVEL SECURITY;', r.name) FROM relation AS r WHERE r.relforcerowsecurity
    UNION ALL
    SELECT tablename, 6, policyname, format('CREATE POLICY %I ON %I FOR %s TO %s USING (%s)%s;', policyname, tablename, cmd,
        array_to_string(roles, ', '), qual, CASE WHEN with_check IS NULL THEN '' ELSE format(' WITH CHECK (%s)', with_check) END)
    FROM pg_policies WHERE schemaname = 'public'
    UNION ALL
    SELECT r.name, 7, g.grantee::regrole::text, format('GRANT %s ON %I TO %s;', string_agg(g.privilege_type, ', ' ORDER BY g.privilege_type),
        r.name, g.grantee::regrole) FROM relation AS r, aclexplode(r.relacl) AS g WHERE g.grantee <> r.relowner GROUP BY r.name, g.grantee
    UNION ALL
    SELECT r.name, 8, '', '' FROM relation AS r
)
SELECT text FROM piece ORDER BY name COLLATE "C", part, item COLLATE "C"
