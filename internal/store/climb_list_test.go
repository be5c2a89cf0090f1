package store_test

import (
	"context"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

// sawOf is what was seen of the one organisation that was asked for among several; sawPartOf, of a list of it.
func sawOf[T any](found map[identity.ID]T, err error) (seen any, _ error) {
	for _, one := range found {
		seen = one
	}
	return seen, err
}

func sawPartOf[T any](found map[identity.ID]identity.Slice[T], err error) (seen any, _ error) {
	for _, one := range found {
		seen = one.Items
	}
	return seen, err
}

func init() {
	for name, try := range map[string]func(ctx context.Context, s *store.Scope, of []identity.ID) (any, error){
		"UsersOf": func(ctx context.Context, s *store.Scope, of []identity.ID) (any, error) {
			return sawPartOf(s.UsersOf(ctx, of, identity.UserFilter{}, identity.UserOrder{}, everything))
		},
		"CountUsersOf": func(ctx context.Context, s *store.Scope, of []identity.ID) (any, error) {
			return sawOf(s.CountUsersOf(ctx, of, identity.UserFilter{}))
		},
		"MainUsersOf": func(ctx context.Context, s *store.Scope, of []identity.ID) (any, error) {
			return sawOf(s.MainUsersOf(ctx, of))
		},
		"AccountsInUseOf": func(ctx context.Context, s *store.Scope, of []identity.ID) (any, error) {
			return sawOf(s.AccountsInUseOf(ctx, of))
		},
		"ProgressOf": func(ctx context.Context, s *store.Scope, of []identity.ID) (any, error) {
			return sawOf(s.ProgressOf(ctx, of))
		},
		"BusinessIdentitiesOf": func(ctx context.Context, s *store.Scope, of []identity.ID) (any, error) {
			return sawOf(s.BusinessIdentitiesOf(ctx, of))
		},
		"PolicyNumbersOf": func(ctx context.Context, s *store.Scope, of []identity.ID) (any, error) {
			return sawOf(s.PolicyNumbersOf(ctx, of))
		},
		"PersonsOf": func(ctx context.Context, s *store.Scope, of []identity.ID) (any, error) {
			return sawOf(s.PersonsOf(ctx, of))
		},
		"InvitationsOf": func(ctx context.Context, s *store.Scope, of []identity.ID) (any, error) {
			return sawPartOf(s.InvitationsOf(ctx, of, nil, everything))
		},
		"CountInvitationsOf": func(ctx context.Context, s *store.Scope, of []identity.ID) (any, error) {
			return sawOf(s.CountInvitationsOf(ctx, of, nil))
		},
		"AuditEventsOf": func(ctx context.Context, s *store.Scope, of []identity.ID) (any, error) {
			return sawPartOf(s.AuditEventsOf(ctx, of, identity.AuditFilter{}, everything))
		},
		"CountAuditEventsOf": func(ctx context.Context, s *store.Scope, of []identity.ID) (any, error) {
			return sawOf(s.CountAuditEventsOf(ctx, of, identity.AuditFilter{}))
		},
		"APITokensOf": func(ctx context.Context, s *store.Scope, of []identity.ID) (any, error) {
			return sawPartOf(s.APITokensOf(ctx, of, identity.APITokenFilter{}, everything))
		},
		"CountAPITokensOf": func(ctx context.Context, s *store.Scope, of []identity.ID) (any, error) {
			return sawOf(s.CountAPITokensOf(ctx, of, identity.APITokenFilter{}))
		},
	} {
		climbs[name] = climb{answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
			return try(ctx, s, []identity.ID{h.organisation.ID})
		}}
	}
}
