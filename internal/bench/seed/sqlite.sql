-- What postgres.sql says, in SQLite's words. sha256() is the bench's own.
PRAGMA foreign_keys = off;
PRAGMA synchronous = off;
BEGIN;

CREATE TEMP TABLE instants AS
SELECT strftime('%Y-%m-%d %H:%M:%f', 'now') || '+00:00' AS now, strftime('%Y-%m-%d %H:%M:%f', 'now', '-1 day') || '+00:00' AS yesterday,
    strftime('%Y-%m-%d %H:%M:%f', 'now', '-1 year') || '+00:00' AS long_ago;

WITH RECURSIVE numbers (o) AS (SELECT 1 UNION ALL SELECT o + 1 FROM numbers WHERE o < ORGANISATIONS)
INSERT INTO organisations (portal, organisation_id, name, name_key, main_user_id, created_at)
SELECT 'bench', printf('org_%026d', o), 'Organisation ' || o, 'organisation ' || o, printf('usr_%026d', (o - 1) * SIZE + 1), long_ago
FROM numbers, instants;

WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ORGANISATIONS * SIZE)
INSERT INTO users (portal, organisation_id, id, display_name, name_key, email, email_key, role, registration, password_hash,
    factor_kinds, language, created_at, last_sign_in_at)
SELECT 'bench', printf('org_%026d', (n - 1) / SIZE + 1), printf('usr_%026d', n),
    printf('Person %06d', n * 7919 % 100003), printf('person %06d', n * 7919 % 100003),
    'user' || n || '@bench.example', 'user' || n || '@bench.example',
    CASE WHEN n % SIZE = 1 THEN 'SUPER_SUB_USER' ELSE 'SUB_USER' END, 'REGISTERED', 'PASSWORD_HASH', 'FACTOR_KINDS', 'en',
    long_ago, yesterday
FROM numbers, instants;

INSERT INTO identifiers (portal, kind, value, organisation_id, user_id)
SELECT portal, 'EMAIL', email_key, organisation_id, id FROM users;

-- Each name is of two words.
INSERT INTO name_words (portal, organisation_id, user_id, word)
SELECT portal, organisation_id, '', substr(name_key, 1, instr(name_key, ' ') - 1) FROM organisations
UNION ALL SELECT portal, organisation_id, '', substr(name_key, instr(name_key, ' ') + 1) FROM organisations
UNION ALL SELECT portal, organisation_id, id, substr(name_key, 1, instr(name_key, ' ') - 1) FROM users
UNION ALL SELECT portal, organisation_id, id, substr(name_key, instr(name_key, ' ') + 1) FROM users;

INSERT INTO factors (portal, organisation_id, id, user_id, kind, name, sealed_secret, last_step, enrolled_at)
SELECT portal, organisation_id, 'fac_1' || substr(id, 6), id, 'TOTP', 'Phone', x'00', 0, created_at
FROM users WHERE factor_kinds <> ''
UNION ALL
SELECT portal, organisation_id, 'fac_2' || substr(id, 6), id, 'EMAIL', 'Phone', x'00', 0, created_at
FROM users WHERE factor_kinds <> '';

INSERT INTO sessions (portal, organisation_id, id, user_id, token_hash, strength, provider, proven_at, created_at,
    last_seen_at, user_agent, ip_address)
SELECT portal, organisation_id, 'ses_' || substr(id, 5), id, sha256(sha256('session ' || ltrim(substr(id, 5), '0'))),
    'TWO_FACTOR', 'password', now, now, now, 'bench', '127.0.0.1'
FROM users, instants;

COMMIT;
