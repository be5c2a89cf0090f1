package store_test

import (
	"context"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

func init() {
	for name, climb := range map[string]climb{
		"SupportAction": {notFound, func(ctx context.Context, s *store.Scope, h household) (any, error) {
			return only(second(s.SupportAction(ctx, id(identity.KindSupportAction, h.number))))
		}},
		"AddSupportAction": {fault, func(ctx context.Context, s *store.Scope, h household) (any, error) {
			return only(s.AddSupportAction(ctx, supportActionOf(h.user, 9)))
		}},
		"MoveSupportAction": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
			theirs := supportActionOf(h.user, h.number)
			theirs.State = identity.Cancelled
			return saw(s.MoveSupportAction(ctx, theirs, identity.Scheduled))
		}},
		"SupportActions": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
			return sawItems(s.SupportActions(ctx, identity.SupportActionFilter{Target: &h.organisation.ID}, everything))
		}},
		"CountSupportActions": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
			return saw(s.CountSupportActions(ctx, identity.SupportActionFilter{Target: &h.organisation.ID}))
		}},
		"PendingSupportActions": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
			return saw(s.PendingSupportActions(ctx, h.user.ID))
		}},
		"DueSupportActions": {answersNothing, func(ctx context.Context, s *store.Scope, _ household) (any, error) {
			due, err := s.DueSupportActions(ctx, 10)
			return len(due) - 1, err // one's own
		}},
		"RevokeStopLinks": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
			return only(s.RevokeStopLinks(ctx, h.user.ID, id(identity.KindSupportAction, h.number)))
		}},
		"Person": {notFound, func(ctx context.Context, s *store.Scope, h household) (any, error) {
			return only(second(s.Person(ctx, h.organisation.ID)))
		}},
		"SavePerson": {fault, func(ctx context.Context, s *store.Scope, h household) (any, error) {
			return only(s.SavePerson(ctx, personOf(h.organisation, 9)))
		}},
		"EndProvidedSessions": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
			return only(s.EndProvidedSessions(ctx, h.user.ID))
		}},
		"SearchUsers": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
			return sawItems(s.SearchUsers(ctx, searchFor(h.user.Email.Fold()), identity.UserFilter{}, identity.UserOrder{}, everything))
		}},
		"CountSearchedUsers": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
			return saw(s.CountSearchedUsers(ctx, searchFor(h.organisation.Name), identity.UserFilter{}))
		}},
		"OrganisationsByID": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
			found, err := s.OrganisationsByID(ctx, []identity.ID{h.organisation.ID})
			return len(found), err
		}},
		"EnableFactor": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
			return saw(s.EnableFactor(ctx, id(identity.KindFactor, h.number)))
		}},
		"RevokeAPITokensOf": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
			return saw(s.RevokeAPITokensOf(ctx, h.user.ID))
		}},
	} {
		climbs[name] = climb
	}
}
