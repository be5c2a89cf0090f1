-- As many organisations of as many users as are asked for; the first of whom is the main user; each user with two factors, a
-- password, and a session whose token is the SHA-256 of «session N». Foreign keys hold by construction, and are not
-- checked row by row.
SET session_replication_role = replica;
SET synchronous_commit = off;

INSERT INTO organisations (portal, organisation_id, name, name_key, main_user_id, created_at)
SELECT 'bench', 'org_' || lpad(o::text, 26, '0'), 'Organisation ' || o, 'organisation ' || o,
    'usr_' || lpad(((o - 1) * SIZE + 1)::text, 26, '0'), now() - interval '1 year'
FROM generate_series(1, ORGANISATIONS) AS o;

INSERT INTO users (portal, organisation_id, id, display_name, name_key, email, email_key, role, registration, password_hash,
    factor_kinds, language, created_at, last_sign_in_at)
SELECT 'bench', 'org_' || lpad(((n - 1) / SIZE + 1)::text, 26, '0'), 'usr_' || lpad(n::text, 26, '0'),
    'Person ' || lpad((n * 7919 % 100003)::text, 6, '0'), 'person ' || lpad((n * 7919 % 100003)::text, 6, '0'),
    'user' || n || '@bench.example', 'user' || n || '@bench.example',
    CASE WHEN n % SIZE = 1 THEN 'SUPER_SUB_USER' ELSE 'SUB_USER' END, 'REGISTERED', 'PASSWORD_HASH', 'FACTOR_KINDS', 'en',
    now() - interval '1 year', now() - interval '1 day'
FROM generate_series(1::bigint, ORGANISATIONS * SIZE) AS n;

INSERT INTO identifiers (portal, kind, value, organisation_id, user_id)
SELECT portal, 'EMAIL', email_key, organisation_id, id FROM users;

INSERT INTO name_words (portal, organisation_id, user_id, word)
SELECT portal, organisation_id, '', string_to_table(name_key, ' ') FROM organisations
UNION ALL SELECT portal, organisation_id, id, string_to_table(name_key, ' ') FROM users;

INSERT INTO factors (portal, organisation_id, id, user_id, kind, name, sealed_secret, last_step, enrolled_at)
SELECT portal, organisation_id, 'fac_' || k.n || substr(id, 6), id, k.kind, 'Phone', '\x00', 0,
    created_at + k.n * interval '1 second'
FROM users, string_to_table(users.factor_kinds, ' ') WITH ORDINALITY AS k (kind, n);

INSERT INTO sessions (portal, organisation_id, id, user_id, token_hash, strength, provider, proven_at, created_at,
    last_seen_at, user_agent, ip_address)
SELECT portal, organisation_id, 'ses_' || substr(id, 5), id,
    sha256(sha256(convert_to('session ' || ltrim(substr(id, 5), '0'), 'UTF8'))), 'TWO_FACTOR', 'password', now(), now(), now(),
    'bench', '127.0.0.1'
FROM users;
