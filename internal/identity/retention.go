package identity

import "time"

// Retained is something that a portal keeps for a period, and no longer (GDPR, article 5, paragraph 1, letter e). The names are
// those of the keys in portal files.
type Retained string

// What is kept for a period. The first three are erased as by hand, and the audit log tells; of the fourth the keys are destroyed;
// the others are rows that are deleted.
const (
	RetainedUsers         Retained = "removedUsers"         // from their removal
	RetainedOrganisations Retained = "removedOrganisations" // from their removal
	RetainedInvitations   Retained = "invitations"          // from their expiry, with who never came
	RetainedFacts         Retained = "auditFacts"           // from the end of their calendar month (UTC)
	RetainedLinks         Retained = "links"                // from their expiry
	RetainedSessions      Retained = "sessions"             // from their beginning
	RetainedMessages      Retained = "messages"             // from when they were settled
	RetainedImports       Retained = "imports"              // from their beginning, with their reports
	RetainedDeliveries    Retained = "webhookDeliveries"    // from when they were settled
	RetainedKeys          Retained = "idempotencyKeys"      // from their first use, with what was answered
)

// AllRetained lists all of them, in the order in which they go.
var AllRetained = []Retained{
	RetainedUsers, RetainedOrganisations, RetainedInvitations, RetainedFacts, RetainedLinks, RetainedSessions, RetainedMessages,
	RetainedImports, RetainedDeliveries, RetainedKeys,
}

// RetentionPolicy says for how long a portal keeps what has served.
type RetentionPolicy struct {
	RemovedUsers, RemovedOrganisations, Invitations, AuditFacts, Links, Sessions, Messages, Imports, WebhookDeliveries, IdempotencyKeys time.Duration
}

// DefaultRetention is for portals that don't say, and for what is left of portals that there are no more.
var DefaultRetention = RetentionPolicy{
	RemovedUsers: 365 * day, RemovedOrganisations: 365 * day, Invitations: 90 * day, AuditFacts: 365 * day, Links: 90 * day, Sessions: 2 * day,
	Messages: 90 * day, Imports: 30 * day, WebhookDeliveries: 90 * day, IdempotencyKeys: day,
}

const day = 24 * time.Hour

// period is how long such a thing is kept; false for what the policy knows nothing of.
func (p RetentionPolicy) period(of Retained) (time.Duration, bool) {
	period, known := map[Retained]time.Duration{
		RetainedUsers: p.RemovedUsers, RetainedOrganisations: p.RemovedOrganisations, RetainedInvitations: p.Invitations, RetainedFacts: p.AuditFacts,
		RetainedLinks: p.Links, RetainedSessions: p.Sessions, RetainedMessages: p.Messages, RetainedImports: p.Imports,
		RetainedDeliveries: p.WebhookDeliveries, RetainedKeys: p.IdempotencyKeys,
	}[of]
	return period, known && period > 0
}

// Until is the instant before which such a thing must have served for it to go now; false: none goes.
func (p RetentionPolicy) Until(of Retained, now time.Time) (time.Time, bool) {
	period, known := p.period(of)
	return now.Add(-period), known
}

// IsDue tells whether a user who was removed is to be erased now.
func (u User) IsDue(until time.Time) bool {
	return u.Registration == Removed && !u.IsErased() && u.RemovedAt != nil && u.RemovedAt.Before(until)
}

// IsDue tells whether an organisation that was removed is to be erased now.
func (o Organisation) IsDue(until time.Time) bool {
	return o.RemovedAt != nil && !o.IsErased() && o.RemovedAt.Before(until)
}

// IsDue tells whether an invitation expired so long ago that whoever never came by it is to be forgotten now. The main user stays:
// an organisation is never without one.
func (i Invitation) IsDue(o Organisation, invited User, until time.Time) bool {
	return i.Status == InvitationExpired && i.ExpiresAt.Before(until) && invited.Registration == Invited && invited.ID != o.MainUserID
}
