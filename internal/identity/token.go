package identity

import "time"

// APIScope is something that an API token may do.
type APIScope string

// The scopes.
const (
	OrganisationsRead  APIScope = "ORGANISATIONS_READ"
	OrganisationsWrite APIScope = "ORGANISATIONS_WRITE"
	UsersRead          APIScope = "USERS_READ"
	UsersWrite         APIScope = "USERS_WRITE"
	AuditRead          APIScope = "AUDIT_READ"
	WebhooksWrite      APIScope = "WEBHOOKS_WRITE"
)

// APIScopes lists all of them.
var APIScopes = []APIScope{OrganisationsRead, OrganisationsWrite, UsersRead, UsersWrite, AuditRead, WebhooksWrite}

// APIToken is a partner's credential. The token itself is shown once, at its making; the database has only its hash.
type APIToken struct {
	ID     ID
	Portal string
	// Organisation is the one that the token is for, or WholePortal.
	Organisation ID
	Name         string
	Scopes       []APIScope
	CreatedAt    time.Time
	// ExpiresAt is nil for a token without an end.
	ExpiresAt  *time.Time
	LastUsedAt *time.Time
	// CreatedBy is the user who made it, with whom it ends; "" for one that the operator made.
	CreatedBy ID
	RevokedAt *time.Time
}

// Alive tells whether the token can be used.
func (t APIToken) Alive(now time.Time) bool {
	return t.RevokedAt == nil && (t.ExpiresAt == nil || now.Before(*t.ExpiresAt))
}

// Has tells whether the token has a scope.
func (t APIToken) Has(scope APIScope) bool {
	for _, s := range t.Scopes {
		if s == scope {
			return true
		}
	}
	return false
}

// ParseAPIScope refuses what is no scope.
func ParseAPIScope(text string) (APIScope, error) {
	for _, scope := range APIScopes {
		if string(scope) == text {
			return scope, nil
		}
	}
	return "", Refuse(InvalidInput, "scopes")
}

// LongestAPITokenLifetime bounds an API token's life.
const LongestAPITokenLifetime = 2 * 365 * 24 * time.Hour

// CheckAPIToken refuses a token without scopes, one that would be dead at birth, and one that lives too long. A main user
// can only hand out what a main user may do.
func CheckAPIToken(scopes []APIScope, expiresAt *time.Time, by UserRole, now time.Time) error {
	if len(scopes) == 0 {
		return Refuse(InvalidInput, "input", "scopes")
	}
	for _, scope := range scopes {
		if by == MainUser && (scope == OrganisationsWrite || scope == WebhooksWrite) {
			return Refuse(RoleNotGrantable, "input", "scopes")
		}
	}
	if expiresAt != nil && (!expiresAt.After(now) || expiresAt.Sub(now) > LongestAPITokenLifetime) {
		return Refuse(InvalidInput, "input", "expiresAt")
	}
	return nil
}
