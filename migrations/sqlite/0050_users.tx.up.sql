-- The orders of a list of users that its columns can't serve. The expressions are those of internal/store/filter.go, word by word.
CREATE INDEX users_by_status ON users (portal, organisation_id, (
    CASE WHEN registration = 'REMOVED' THEN '6' WHEN blocked_at IS NOT NULL THEN '5' WHEN registration = 'RE_REGISTERING' THEN '3'
        WHEN registration = 'REGISTERED' THEN '4' WHEN provider = '' THEN '1' ELSE '2' END
), name_key, id);
CREATE INDEX users_by_last_sign_in ON users (portal, organisation_id, (
    CASE WHEN last_sign_in_at IS NULL THEN '0001-01-01 00:00:00+00:00' ELSE last_sign_in_at END
), id);
