package app

import (
	"context"
	"errors"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/secret"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

// RequestEmailChange sends a code to the address that is to become the actor's. Nothing changes before it is confirmed.
// Whether somebody else has the address isn't asked, so the answer can't tell: whoever reads the mailbox hears it when
// they confirm.
func (a *App) RequestEmailChange(ctx context.Context, actor identity.Actor, email identity.EmailAddress, key *string) (ContactChange, error) {
	email, err := identity.ParseEmailAddress(string(email), "input", "email")
	if err != nil {
		return ContactChange{}, err
	}
	asked := request{operation: "requestEmailChange", key: key, input: email}
	return a.requestContactChange(ctx, actor, asked, func(s *store.Scope, user identity.User) (ContactChange, error) {
		if err := actor.Portal.CheckEmailChange(user, email, s.Now); err != nil {
			return ContactChange{}, err
		}
		change := a.newContactChange(s, actor, user, identity.EmailContact, email.Mask())
		dispatch, err := a.admitContactChange(ctx, s, actor, &change, identity.ContactCodeMessage)
		if err != nil {
			return ContactChange{}, err
		}
		code, err := secret.NewCode(a.random)
		if err != nil {
			return ContactChange{}, err
		}
		a.mailContactCode(s, actor, user, email, dispatch, code)
		return a.beginContactChange(ctx, s, actor, user, a.sealed(change, string(user.Email), string(email)), dispatch, code)
	})
}

// mailContactCode mails a code to an address that isn't the user's yet. It names nobody: the mailbox may be a stranger's.
func (a *App) mailContactCode(s *store.Scope, actor identity.Actor, user identity.User, email identity.EmailAddress, dispatch identity.CodeDispatch, code secret.Code) {
	message := identity.ContactCodeMessage.To(actor.Portal, *actor.Organisation, user).At(email)
	message.ID, message.ExpiresAt, message.Name = a.newID(identity.KindMessage, s.Now), &dispatch.ExpiresAt, ""
	s.Tell(message, a.keys.Seal([]byte(code.Reveal()), []byte(message.ID)))
}

// adoptEmail puts the actor at the address whose code they gave.
func (a *App) adoptEmail(ctx context.Context, s *store.Scope, actor identity.Actor, user identity.User, email identity.EmailAddress) error {
	if err := actor.Portal.CheckEmailChange(user, email, s.Now); err != nil {
		return err
	}
	user, err := a.moveEmail(ctx, s, actor, *actor.Organisation, user, email, actor.Session.ID)
	if err == nil {
		a.tell(s, actor, *actor.Organisation, user, identity.EmailAdoptedMessage)
	}
	return err
}

// moveEmail puts a user at another address, what they sign in by and codes by mail included, and ends what was begun at the
// one before: links, codes, sign-ins, and all sessions but the one to keep ("" for none).
func (a *App) moveEmail(ctx context.Context, s *store.Scope, actor identity.Actor, organisation identity.Organisation, user identity.User, email identity.EmailAddress, keep identity.ID) (identity.User, error) {
	user = user.WithEmail(email)
	for _, step := range []func() error{
		func() error { return s.SaveUser(ctx, user) },
		func() error {
			return s.ClaimIdentifiers(ctx, user, actor.Portal.SignIn.IdentifiersOf(organisation, user))
		},
		func() error {
			if !user.Has(identity.Email) {
				return nil
			}
			moved := identity.Factor{
				ID: a.newID(identity.KindFactor, s.Now), User: user.ID, Kind: identity.Email, Hint: email.Mask(), EnrolledAt: s.Now,
			}
			return a.replaceFactor(ctx, s, actor, organisation, user, moved, []byte{})
		},
		func() error { return s.RevokeLinks(ctx, user.ID) },
		func() error { return endWhatWasBegun(ctx, s, user.ID, keep) },
	} {
		if err := step(); err != nil {
			return user, alikeTaken(err)
		}
	}
	return user, nil
}

// alikeTaken doesn't let it show whether somebody of the own organisation has the address, or somebody of another one.
func alikeTaken(err error) error {
	if taken := identity.Refuse(identity.EmailTaken); errors.Is(err, taken) {
		return taken
	}
	return err
}
