package app

import (
	"context"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

// admitAccount holds the account limit. The organisation must be locked.
func (a *App) admitAccount(ctx context.Context, s *store.Scope, organisation identity.Organisation) error {
	if organisation.AccountMaximum == nil {
		return nil
	}
	limit, err := limitWithin(ctx, s, organisation)
	if err != nil {
		return err
	}
	return limit.Admit()
}

// admitInvitation holds the account limit too: whoever will have no password takes no place under it.
func (a *App) admitInvitation(ctx context.Context, s *store.Scope, organisation identity.Organisation, way identity.InvitationSignIn) error {
	if way == identity.InvitedToBusiness {
		return nil
	}
	return a.admitAccount(ctx, s, organisation)
}

// withinLimit runs work, and refuses where it made an account too many: a first password makes one of somebody who came in by
// an identification provider. The organisation must be locked.
func (a *App) withinLimit(ctx context.Context, s *store.Scope, organisation identity.Organisation, work func() error) error {
	if organisation.AccountMaximum == nil {
		return work()
	}
	before, err := limitWithin(ctx, s, organisation)
	if err != nil {
		return err
	}
	if err := work(); err != nil {
		return err
	}
	after, err := limitWithin(ctx, s, organisation)
	if err != nil || after.Used <= before.Used {
		return err
	}
	return before.Admit()
}

func limitWithin(ctx context.Context, s *store.Scope, organisation identity.Organisation) (identity.AccountLimit, error) {
	used, err := s.AccountsInUse(ctx, organisation.ID)
	return identity.AccountLimit{Maximum: organisation.AccountMaximum, Used: used}, err
}
