-- The words of users' and organisations' names, folded, by which the desk finds users of the whole portal.
CREATE TABLE name_words (
    portal          text NOT NULL,
    organisation_id text NOT NULL,
    user_id         text NOT NULL, -- '' for the organisation's own name
    word            text NOT NULL,
    PRIMARY KEY (portal, organisation_id, user_id, word),
    FOREIGN KEY (portal, organisation_id) REFERENCES organisations
);
--bun:split
CREATE INDEX name_words_users ON name_words (portal, word, organisation_id, user_id) WHERE user_id <> '';
--bun:split
CREATE INDEX name_words_organisations ON name_words (portal, word, organisation_id) WHERE user_id = '';
