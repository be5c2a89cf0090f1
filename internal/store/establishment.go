package store

import (
	"fmt"

	"github.com/uptrace/bun"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// Here is what a transaction is held to that is done for somebody with a mandate for some establishments: in a tenant with such a
// scope the statements of scope.go read and write no more than this.

// held tells an organisation what it was loaded for, so that whatever is loaded for its sake is held to the same.
func (s *Scope) held(o identity.Organisation) identity.Organisation {
	o.Scope = s.tenant.Scope
	return o
}

// selectBusinesses selects the one that the scope covers, or all.
func (s *Scope) selectBusinesses(rows any) *bun.SelectQuery {
	query := s.selectRows(rows)
	if s.tenant.Scope.Holds() {
		query = query.Where("b.kvk_number = ?", s.tenant.Scope.KVKNumber)
	}
	return query
}

// errHeld is a fault and no refusal: who may was decided before.
func errHeld(row any) error {
	return fmt.Errorf("write %T: the session is held to some establishments", row)
}

// ownColumn is the column that says whose a row is, where people's own rows are of that kind; "" where the kind is of nobody and
// tells of what was done. Everything else is the organisation's, and not for a session of some establishments to change: a new
// kind of row has to be named here to be.
func ownColumn(row any) (column string, isOwn bool) {
	switch row.(type) {
	case *eventRow, *headRow, *idempotencyRow:
		return "", true
	case *userRow:
		return "u.id", true
	case *supportActionRow:
		return "a.target_id", true
	case *sessionRow, *signInRow, *linkRow, *messageRow, *codeRow, *recoveryCodeRow, *contactChangeRow, *identifierRow,
		*enrolmentRow, *factorRow, *webAuthnCredentialRow, *webAuthnChallengeRow, *wordRow:
		return "?TableAlias.user_id", true
	}
	return "", false
}

// mayChange refuses to change what is the organisation's where the scope holds.
func (s *Scope) mayChange(row any) error {
	if _, isOwn := ownColumn(row); s.tenant.Scope.Holds() && !isOwn {
		return errHeld(row)
	}
	return nil
}

// mayAdd refuses to add what isn't the user's own where the scope holds. What tells of something may be added, whoever is told.
func (s *Scope) mayAdd(row any) error {
	if !s.tenant.Scope.Holds() {
		return nil
	}
	switch row.(type) {
	case *eventRow, *headRow, *messageRow, *idempotencyRow:
		return nil
	}
	if userOf(row) != s.tenant.Scope.User {
		return errHeld(row)
	}
	return nil
}

// userOf is whose a new row is to be; "" for nobody's, and of a kind that a session of some establishments adds nothing to.
func userOf(row any) identity.ID {
	switch r := row.(type) {
	case *sessionRow:
		return r.UserID
	case *linkRow:
		return r.UserID
	case *codeRow:
		return r.UserID
	case *recoveryCodeRow:
		return r.UserID
	case *contactChangeRow:
		return r.UserID
	case *auditKeyRow:
		return r.UserID
	case *identifierRow:
		return r.UserID
	case *enrolmentRow:
		return r.UserID
	case *factorRow:
		return r.UserID
	case *webAuthnCredentialRow:
		return r.UserID
	case *webAuthnChallengeRow:
		return r.UserID
	case *wordRow:
		return r.UserID
	}
	return ""
}

// own bounds a change to the user's own rows where the scope holds.
func (s *Scope) own(row any) func(bun.QueryBuilder) bun.QueryBuilder {
	return func(q bun.QueryBuilder) bun.QueryBuilder {
		if column, _ := ownColumn(row); s.tenant.Scope.Holds() && column != "" {
			q = q.Where(column+" = ?", s.tenant.Scope.User)
		}
		return q
	}
}
