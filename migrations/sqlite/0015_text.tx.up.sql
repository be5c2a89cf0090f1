-- Where a text goes: its factor, the number, sealed and gone with the code, and the number's MAC. What the provider calls
-- it, and tells of it; when it was last handed over without an answer.
ALTER TABLE messages ADD COLUMN factor_id text NOT NULL DEFAULT '';
--bun:split
ALTER TABLE messages ADD COLUMN sealed_number blob;
--bun:split
ALTER TABLE messages ADD COLUMN number_key blob;
--bun:split
ALTER TABLE messages ADD COLUMN tried_at timestamp;
--bun:split
ALTER TABLE messages ADD COLUMN provider_id text NOT NULL DEFAULT '';
--bun:split
ALTER TABLE messages ADD COLUMN provider_status text NOT NULL DEFAULT '';
--bun:split
-- When a text to a factor's number was refused for good.
ALTER TABLE factors ADD COLUMN refused_at timestamp;
--bun:split
-- How many texts a number, an organisation and a portal were sent on a day, from midnight UTC.
CREATE TABLE text_budgets (
    portal       text NOT NULL,
    subject      text NOT NULL,
    day          timestamp NOT NULL,
    spent        integer NOT NULL DEFAULT 0,
    exhausted_at timestamp,
    PRIMARY KEY (portal, subject, day)
);
--bun:split
CREATE INDEX text_budgets_day ON text_budgets (day);
