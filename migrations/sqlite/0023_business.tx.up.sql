-- An organisation's KVK numbers, with the establishments that may act and what the trade register says of them. Sign-in by
-- eHerkenning finds a customer by the number, so that one number is one organisation's in a portal.
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
--bun:split
CREATE UNIQUE INDEX business_identities_kvk_number ON business_identities (portal, kvk_number);
--bun:split
CREATE INDEX business_identities_by_id ON business_identities (id);
--bun:split
CREATE INDEX business_identities_due ON business_identities (check_due_at);
