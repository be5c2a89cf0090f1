package store

import (
	"context"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// VisitorQuery is what every request of a signed-in browser asks.
const VisitorQuery = visitorQuery

// DueQuery is how work for webhooks is looked for: ?0 is the instant, ?1 how many.
const DueQuery = dueQuery

// What the store tells of several organisations at once, of one of them.

// CountUsers is CountUsersOf one.
func (s *Scope) CountUsers(ctx context.Context, of identity.ID, filter identity.UserFilter) (int, error) {
	found, err := s.CountUsersOf(ctx, []identity.ID{of}, filter)
	return found[of], err
}

// Progress is ProgressOf one.
func (s *Scope) Progress(ctx context.Context, of identity.ID) (identity.ActivationProgress, error) {
	found, err := s.ProgressOf(ctx, []identity.ID{of})
	return found[of], err
}

// PolicyNumbers is PolicyNumbersOf one.
func (s *Scope) PolicyNumbers(ctx context.Context, of identity.ID) ([]identity.PolicyNumber, error) {
	found, err := s.PolicyNumbersOf(ctx, []identity.ID{of})
	return found[of], err
}

// Invitations is InvitationsOf one.
func (s *Scope) Invitations(ctx context.Context, of identity.ID, status *identity.InvitationStatus, page identity.Page) (identity.Slice[identity.Invitation], error) {
	found, err := s.InvitationsOf(ctx, []identity.ID{of}, status, page)
	return found[of], err
}

// CountInvitations is CountInvitationsOf one.
func (s *Scope) CountInvitations(ctx context.Context, of identity.ID, status *identity.InvitationStatus) (int, error) {
	found, err := s.CountInvitationsOf(ctx, []identity.ID{of}, status)
	return found[of], err
}

// AuditEvents is AuditEventsOf one.
func (s *Scope) AuditEvents(ctx context.Context, of identity.ID, filter identity.AuditFilter, page identity.Page) (identity.Slice[AuditEvent], error) {
	found, err := s.AuditEventsOf(ctx, []identity.ID{of}, filter, page)
	return found[of], err
}

// CountAuditEvents is CountAuditEventsOf one.
func (s *Scope) CountAuditEvents(ctx context.Context, of identity.ID, filter identity.AuditFilter) (int, error) {
	found, err := s.CountAuditEventsOf(ctx, []identity.ID{of}, filter)
	return found[of], err
}

// APITokens is APITokensOf one.
func (s *Scope) APITokens(ctx context.Context, of identity.ID, filter identity.APITokenFilter, page identity.Page) (identity.Slice[identity.APIToken], error) {
	found, err := s.APITokensOf(ctx, []identity.ID{of}, filter, page)
	return found[of], err
}

// CountAPITokens is CountAPITokensOf one.
func (s *Scope) CountAPITokens(ctx context.Context, of identity.ID, filter identity.APITokenFilter) (int, error) {
	found, err := s.CountAPITokensOf(ctx, []identity.ID{of}, filter)
	return found[of], err
}

// StatementKind is what a trace says of a statement.
func StatementKind(text string) string { return statementKind(text) }

// DossierColumns are the columns that a dossier tells as they are, with their tables.
func DossierColumns() (all []string) {
	for _, p := range parts {
		for _, column := range p.columns {
			all = append(all, p.table+"."+column)
		}
	}
	return all
}
