-- Records of private customers. Each is an organisation of one, and what is known of the person is sealed: name, address and
-- birth date are compared with what an identification provider tells, and looked for in no other way.
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
--bun:split
CREATE INDEX persons_name_address ON persons (portal, name_address);
--bun:split
CREATE INDEX persons_name_birth ON persons (portal, name_birth);
--bun:split
CREATE INDEX persons_address_birth ON persons (portal, address_birth);
--bun:split
ALTER TABLE organisations ADD COLUMN is_private boolean NOT NULL DEFAULT false;
--bun:split
-- A private person is one user of the portal. They speak for no business: their identities have no KVK number.
CREATE UNIQUE INDEX federated_identities_person ON federated_identities (portal, provider, environment, subject) WHERE kvk_number = '';
--bun:split
-- How what a provider told of a known customer compared with their record: no values.
ALTER TABLE journeys ADD COLUMN compared text NOT NULL DEFAULT '[]';
