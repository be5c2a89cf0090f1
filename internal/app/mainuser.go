package app

import (
	"context"
	"errors"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

// TransferMainUser makes another user of the organisation the one who answers for it. Both are told. Staff gives a reason
// and a ticket, and asks for it (RequestMainUserTransfer) where the portal doesn't let them do it alone and at once.
func (a *App) TransferMainUser(ctx context.Context, actor identity.Actor, to identity.ID, grounds Grounds) (identity.User, error) {
	if actor.IsStaff() {
		return a.transferByStaff(ctx, actor, to, grounds)
	}
	var user identity.User
	var organisation identity.Organisation
	err := a.db.Within(ctx, actor.Tenant(), func(s *store.Scope) (err error) {
		if organisation, err = a.lockOrganisationOf(ctx, s, to, "input", "userId"); err != nil {
			return err
		}
		if organisation.MainUserID != actor.User.ID {
			return identity.Refuse(identity.Forbidden) // somebody else took over meanwhile
		}
		if user, err = s.LockUser(ctx, to); err != nil {
			return err
		}
		if err := user.CheckTransfer(organisation, "input", "userId"); err != nil {
			return err
		}
		organisation, user, err = a.handOver(ctx, s, actor, organisation, user, nil)
		return err
	})
	if err == nil {
		actor.Knows(organisation)
	}
	return user, err
}

func (a *App) transferByStaff(ctx context.Context, actor identity.Actor, to identity.ID, grounds Grounds) (identity.User, error) {
	if err := grounds.check(actor); err != nil {
		return identity.User{}, err
	}
	if err := actor.Portal.Support.CheckAtOnce(identity.TransferOfMainUser, "input", "userId"); err != nil {
		return identity.User{}, err
	}
	request := SupportRequest{Target: to, Reason: *grounds.Reason, Ticket: *grounds.Ticket}
	if _, err := a.undertake(ctx, actor, identity.TransferOfMainUser, request); err != nil {
		return identity.User{}, pointedAt(err, "userId")
	}
	var user identity.User
	err := a.db.Read(ctx, actor.Tenant(), func(s *store.Scope) (err error) {
		if user, err = s.User(ctx, to); err != nil {
			return err
		}
		organisation, err := s.Organisation(ctx, user.OrganisationID)
		user = user.WithTwoFactor(actor.Portal, organisation)
		actor.Knows(organisation)
		return err
	})
	return user, err
}

// handOver makes the user the main user of the organisation, which is locked. Both are told.
func (a *App) handOver(ctx context.Context, s *store.Scope, actor identity.Actor, organisation identity.Organisation, user identity.User, details map[string]string) (identity.Organisation, identity.User, error) {
	before, err := s.LockUser(ctx, organisation.MainUserID)
	if err != nil {
		return organisation, user, err
	}
	organisation.MainUserID = user.ID
	if !organisation.IsOperator {
		user.Role = identity.MainUser
	}
	if details == nil {
		details = map[string]string{}
	}
	details["from"] = string(before.ID)
	a.tell(s, actor, organisation, user, identity.MainUserAppointedMessage)
	a.tell(s, actor, organisation, before, identity.MainUserReplacedMessage)
	a.record(s, actor, organisation, identity.MainUserTransferred, user.ID, details)
	if err := a.endTokensOf(ctx, s, actor, organisation, before); err != nil {
		return organisation, user, err
	}
	user = user.WithTwoFactor(actor.Portal, organisation)
	return organisation, user, s.SaveOrganisation(ctx, organisation)
}

// pointedAt makes a refusal of a support action's target point at the field that names it here.
func pointedAt(err error, field string) error {
	refusal, ok := errors.AsType[*identity.Error](err)
	if !ok || len(refusal.Path) == 0 {
		return err
	}
	return identity.Refuse(refusal.Code, "input", field)
}
