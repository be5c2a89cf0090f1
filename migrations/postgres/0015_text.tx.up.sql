-- Where a text goes: its factor, the number, sealed and gone with the code, and the number's MAC. What the provider calls
-- it, and tells of it; when it was last handed over without an answer.
ALTER TABLE messages ADD COLUMN factor_id text NOT NULL DEFAULT '';
--bun:split
ALTER TABLE messages ADD COLUMN sealed_number bytea;
--bun:split
ALTER TABLE messages ADD COLUMN number_key bytea;
--bun:split
ALTER TABLE messages ADD COLUMN tried_at timestamptz;
--bun:split
ALTER TABLE messages ADD COLUMN provider_id text NOT NULL DEFAULT '';
--bun:split
ALTER TABLE messages ADD COLUMN provider_status text NOT NULL DEFAULT '';
--bun:split
-- When a text to a factor's number was refused for good.
ALTER TABLE factors ADD COLUMN refused_at timestamptz;
--bun:split
-- How many texts a number, an organisation and a portal were sent on a day, from midnight UTC.
CREATE TABLE text_budgets (
    portal       text COLLATE "C" NOT NULL,
    subject      text COLLATE "C" NOT NULL,
    day          timestamptz NOT NULL,
    spent        integer NOT NULL DEFAULT 0,
    exhausted_at timestamptz,
    PRIMARY KEY (portal, subject, day)
);
--bun:split
CREATE INDEX text_budgets_day ON text_budgets (day);
--bun:split
-- Like wrong passwords, these are counted in a whole portal: a number can be asked for by anybody in it.
ALTER TABLE text_budgets ENABLE ROW LEVEL SECURITY;
--bun:split
ALTER TABLE text_budgets FORCE ROW LEVEL SECURITY;
--bun:split
CREATE POLICY portal ON text_budgets TO sleutelbos_app USING (portal = current_setting('app.portal', true));
--bun:split
CREATE POLICY system ON text_budgets TO sleutelbos_system USING (true);
--bun:split
GRANT SELECT, INSERT, UPDATE, DELETE ON text_budgets TO sleutelbos_app, sleutelbos_system;
