package identity

import "time"

// A dossier is all that is known of one user, as a file for them (GDPR, articles 15 and 20).

// DossierVersion is the version of the file's form: it changes where a program that read it would read it wrongly.
const DossierVersion = 1

// DossierSection is a part of a dossier: rows of one kind, each with its members by name. Values are texts, numbers, booleans,
// instants as RFC 3339 in UTC, or nil.
type DossierSection struct {
	Name string
	Rows []map[string]any
}

// Who may have a dossier. Fresh proof keeps whoever finds an open session from taking everything along.
var (
	DossierOfSelf   = Access{To: []Audience{Self}, Strength: SingleFactor, ProofWithin: 5 * time.Minute}
	DossierOfOthers = Access{To: []Audience{ForPortalAdmin, Partner}, Strength: TwoFactor, ProofWithin: 5 * time.Minute, Scope: UsersRead}
)

// DossierAccess is who may have the dossier of that user, as far as it depends on who asks.
func (a Actor) DossierAccess(user ID) Access {
	if a.User != nil && a.Session != nil && a.User.ID == user {
		return DossierOfSelf
	}
	return DossierOfOthers
}

// Concerning leaves of an event what it tells of that user: what it tells of somebody else is theirs.
func (e AuditEvent) Concerning(user ID) AuditEvent {
	if e.Facts != nil && e.Facts.User != user {
		e.Facts = nil
	}
	return e
}
