package store_test

import (
	"context"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

func init() {
	for name, climb := range map[string]climb{
		"PolicyNumbers": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
			return saw(s.PolicyNumbers(ctx, h.organisation.ID))
		}},
		"SetPolicyNumbers": {fault, func(ctx context.Context, s *store.Scope, h household) (any, error) {
			return only(s.SetPolicyNumbers(ctx, h.organisation.Tenant(), policyNumbersOf(9)))
		}},
		"PolicyHolder": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
			return saw(s.PolicyHolder(ctx, policyNumbersOf(h.number)[0]))
		}},
		"AddRegistrant": {fault, func(ctx context.Context, s *store.Scope, h household) (any, error) {
			return only(s.AddRegistrant(ctx, registrantOf(h.main, 9)))
		}},
		"Registrant": {notFound, func(ctx context.Context, s *store.Scope, h household) (any, error) {
			return only(second(s.Registrant(ctx, id(identity.KindRegistrant, h.number))))
		}},
		"RegistrantOf": {notFound, func(ctx context.Context, s *store.Scope, h household) (any, error) {
			return only(second(s.RegistrantOf(ctx, h.user.ID)))
		}},
		"Replacing": {notFound, func(ctx context.Context, s *store.Scope, h household) (any, error) {
			return only(second(s.Replacing(ctx, h.user.ID)))
		}},
		"IsAnnounced": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
			return saw(s.IsAnnounced(ctx, h.organisation.ID))
		}},
		"SaveRegistrant": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
			taken := registrantOf(h.user, h.number)
			taken.ReadyAt = pointer(noon)
			return only(s.SaveRegistrant(ctx, taken))
		}},
		"EndRegistrant": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
			return saw(s.EndRegistrant(ctx, id(identity.KindRegistrant, h.number), identity.RegistrationStopped))
		}},
		"DueRegistrants": {answersNothing, func(ctx context.Context, s *store.Scope, _ household) (any, error) {
			due, err := s.DueRegistrants(ctx, 10)
			return len(due) - 1, err // one's own
		}},
		"UserWithEmail": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
			return saw(s.UserWithEmail(ctx, h.organisation.ID, h.user.Email))
		}},
		"CountAttempt": {fault, func(ctx context.Context, s *store.Scope, h household) (any, error) {
			return only(second(s.CountAttempt(ctx, h.organisation.Portal, hash(h.number))))
		}},
	} {
		climbs[name] = climb
	}
}
