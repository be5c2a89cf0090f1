package app

import (
	"context"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

// EraseUser forgets what is known of a removed user, for good; to erase once more changes nothing. The audit log keeps the id,
// and tells that it was done.
func (a *App) EraseUser(ctx context.Context, actor identity.Actor, id identity.ID, grounds Grounds) error {
	if err := grounds.check(actor); err != nil {
		return err
	}
	return a.db.Within(ctx, actor.Tenant(), func(s *store.Scope) error {
		organisation, err := a.lockOrganisationOf(ctx, s, id, "input", "id")
		if err != nil {
			return err
		}
		user, err := s.LockUser(ctx, id)
		if err != nil {
			return at(err, "input", "id")
		}
		if !actor.Sees(user) {
			return identity.Refuse(identity.NotFound, "input", "id")
		}
		if err := actor.CheckManage(user); err != nil {
			return err
		}
		if err := user.CheckErasure(organisation); err != nil || user.IsErased() {
			return err
		}
		if err := s.EraseUser(ctx, user.ID); err != nil {
			return err
		}
		return a.told(ctx, s, actor, organisation, user, identity.EraseAccount, identity.UserErased, grounds)
	})
}
