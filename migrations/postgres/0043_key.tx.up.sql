-- The key in the server's keyring that the code's hash was made under; '' where nobody noted it. A hash can't be made anew
-- under another key, so a key stays as long as there is a code of it.
ALTER TABLE recovery_codes ADD COLUMN key_id text NOT NULL DEFAULT '';
--bun:split
-- A server is ready when the migrations that it knows are applied: it must be able to ask.
GRANT SELECT ON bun_migrations TO sleutelbos_system;
