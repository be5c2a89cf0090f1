-- What a list of users is counted from, without a look at the users themselves.
CREATE INDEX users_by_registration ON users (portal, organisation_id, registration);
