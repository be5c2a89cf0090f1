package store

import (
	"errors"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// constraints are the rules that the database holds by itself, with the refusal that a caller hears when theirs is the
// statement that would have broken one. PostgreSQL names the constraint; SQLite names the columns.
var constraints = []struct {
	postgres, sqlite string
	refusal          *identity.Error
}{
	{"organisations_code", "organisations.code_key", identity.Refuse(identity.OrganisationCodeTaken, "input", "code")},
	{"business_identities_kvk_number", "business_identities.kvk_number", identity.Refuse(identity.KVKNumberTaken, "input", "businessIdentities")},
	{"policy_numbers_number", "policy_numbers.number", identity.Refuse(identity.PolicyNumberTaken, "input", "policyNumbers")},
	{"users_email", "users.email_key", identity.Refuse(identity.EmailTaken, "input", "email")},
	{"webauthn_credentials_id", "webauthn_credentials.credential_id", identity.Refuse(identity.InvalidCode, "input", "webAuthn")},
	{"users_username", "users.username_key", identity.Refuse(identity.UsernameTaken, "input", "username")},
}

// mended turns the breaking of one of those rules into its refusal, and leaves every other error as it is.
func mended(err error) error {
	var postgres *pgconn.PgError
	if errors.As(err, &postgres) {
		for _, constraint := range constraints {
			if postgres.ConstraintName == constraint.postgres {
				return constraint.refusal
			}
		}
	}
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		for _, constraint := range constraints {
			if strings.Contains(lite.Error(), constraint.sqlite) {
				return constraint.refusal
			}
		}
	}
	return err
}

// mendedCommit is mended for a commit, at which one rule more is checked: that every organisation has a main user, who
// isn't removed. SQLite doesn't name a foreign key that failed, so this one must stay the only one that is checked no
// sooner than the commit: any other fails at its own statement.
func mendedCommit(err error) error {
	var postgres *pgconn.PgError
	if errors.As(err, &postgres) && postgres.ConstraintName == "organisations_main_user" {
		return identity.Refuse(identity.MainUserRequired)
	}
	var lite *sqlite.Error
	if errors.As(err, &lite) && strings.Contains(lite.Error(), "FOREIGN KEY constraint failed") {
		return identity.Refuse(identity.MainUserRequired)
	}
	return mended(err)
}

// isTaken tells whether a statement failed because a unique value exists.
func isTaken(err error) bool {
	var postgres *pgconn.PgError
	if errors.As(err, &postgres) {
		return postgres.Code == "23505"
	}
	var lite *sqlite.Error
	return errors.As(err, &lite) && strings.Contains(lite.Error(), "UNIQUE constraint failed")
}
