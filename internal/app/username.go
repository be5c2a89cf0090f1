package app

import (
	"context"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

// RequestUsername mails the user names of the accounts that an address belongs to, to that address, and says the same,
// after the same time, when it belongs to nobody.
func (a *App) RequestUsername(ctx context.Context, actor identity.Actor, email identity.EmailAddress) error {
	email, err := identity.ParseEmailAddress(string(email), "input", "email")
	if err != nil {
		return err
	}
	return a.steady(ctx, func() error {
		accounts, err := a.db.AccountsWithEmail(ctx, actor.Portal.Slug, email)
		if err != nil {
			return err
		}
		for _, account := range accounts {
			tenant := identity.Tenant{Portal: actor.Portal.Slug, Organisation: account.Organisation}
			err := a.db.Within(ctx, tenant, func(s *store.Scope) error { return a.mailUsername(ctx, s, actor, account) })
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func (a *App) mailUsername(ctx context.Context, s *store.Scope, actor identity.Actor, account store.Account) error {
	organisation, err := s.Organisation(ctx, account.Organisation)
	if err != nil {
		return err
	}
	user, err := s.LockUser(ctx, account.User)
	if err != nil {
		return err
	}
	recent, err := s.Recent(ctx, user.ID, identity.UsernameMessage)
	if err != nil || !actor.Portal.Links.MayMailUsername(user, recent, s.Now) {
		return err
	}
	message := identity.UsernameMessage.To(actor.Portal, organisation, user)
	message.ID = a.newID(identity.KindMessage, s.Now)
	code, username := actor.Portal.SignIn.UsernameParts(organisation, user) // as the mail reads them
	s.Tell(message, a.keys.Seal([]byte(code+"\n"+username), []byte(message.ID)))
	return a.recordFrom(ctx, s, actor, user, identity.UsernameRequested, user.ID, nil)
}
