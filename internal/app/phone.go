package app

import (
	"context"
	"errors"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/secret"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

// RequestPhoneChange sends a code to the number that is to take the place of the actor's. Nothing changes before it is
// confirmed. The answer is the same whoever else has the number.
func (a *App) RequestPhoneChange(ctx context.Context, actor identity.Actor, number identity.PhoneNumber, key *string) (ContactChange, error) {
	asked := request{operation: "requestPhoneChange", key: key, input: number}
	return a.requestContactChange(ctx, actor, asked, func(s *store.Scope, user identity.User) (ContactChange, error) {
		held, err := actor.Portal.CheckPhoneChange(user)
		if err != nil {
			return ContactChange{}, err
		}
		line, err := readLine(actor.Portal, number, "input", "phoneNumber")
		if err != nil {
			return ContactChange{}, err
		}
		before, err := a.numberOf(ctx, s, user, held.ID)
		if err != nil {
			return ContactChange{}, err
		}
		if before == line.Number {
			return ContactChange{}, identity.Refuse(identity.InvalidInput, "input", "phoneNumber")
		}
		change := a.newContactChange(s, actor, user, identity.PhoneContact, line.Number.Mask())
		dispatch, err := a.admitContactChange(ctx, s, actor, &change, identity.TextCodeMessage)
		if err != nil {
			return ContactChange{}, err
		}
		code, err := a.textContactCode(ctx, s, actor, user, line, dispatch)
		if err != nil {
			return ContactChange{}, err
		}
		return a.beginContactChange(ctx, s, actor, user, a.sealed(change, string(before), string(line.Number)), dispatch, code)
	})
}

// textContactCode sends a code to a number that isn't the user's yet, at the cost of the portal's budgets.
func (a *App) textContactCode(ctx context.Context, s *store.Scope, actor identity.Actor, user identity.User, line identity.PhoneLine, dispatch identity.CodeDispatch) (secret.Code, error) {
	if err := a.spendOnText(ctx, s, actor, *actor.Organisation, line.Number); err != nil {
		return secret.Code{}, err
	}
	code, err := secret.NewCode(a.random)
	if err != nil {
		return code, err
	}
	message := identity.TextCodeMessage.To(actor.Portal, *actor.Organisation, user)
	message.ID, message.ExpiresAt = a.newID(identity.KindMessage, s.Now), &dispatch.ExpiresAt
	to := destination{kind: identity.SMS, factor: dispatch.FactorID, line: line}
	s.TellText(message, a.keys.Seal([]byte(code.Reveal()), []byte(message.ID)), a.textTo(message, to))
	return code, nil
}

// adoptPhone lets codes go to the number whose code the actor gave.
func (a *App) adoptPhone(ctx context.Context, s *store.Scope, actor identity.Actor, user identity.User, number identity.PhoneNumber, change identity.ContactChange) error {
	held, err := actor.Portal.CheckPhoneChange(user)
	if err != nil {
		return err
	}
	if _, err := readLine(actor.Portal, number); err != nil {
		return err
	}
	if err := a.textOldNumber(ctx, s, actor, user, held, change); err != nil {
		return err
	}
	_, err = a.movePhone(ctx, s, actor, *actor.Organisation, user, number, actor.Session.ID)
	return err
}

// textOldNumber tells the number that was in force so far that it no longer is. Nothing hangs on it: where the portal sends
// no texts to that number, or a budget forbids this one, the mail tells it alone.
func (a *App) textOldNumber(ctx context.Context, s *store.Scope, actor identity.Actor, user identity.User, held identity.Factor, change identity.ContactChange) error {
	to, err := a.destinationOf(ctx, s, user, held)
	if err == nil {
		err = to.admit(actor.Portal, user)
	}
	if errors.Is(err, identity.Refuse(identity.DeliveryUnavailable)) {
		return nil
	}
	if err != nil {
		return err
	}
	if allowed, err := a.countText(ctx, s, actor, *actor.Organisation, to.line.Number); err != nil || !allowed {
		return err
	}
	message := identity.TextPhoneChangedMessage.To(actor.Portal, *actor.Organisation, user)
	message.ID = a.newID(identity.KindMessage, s.Now)
	if change.UndoLink != "" {
		message.ExpiresAt = &change.ExpiresAt
	}
	s.TellText(message, nil, a.textTo(message, to))
	return nil
}

// movePhone lets codes by SMS go to another number, and ends what was begun with the one before.
func (a *App) movePhone(ctx context.Context, s *store.Scope, actor identity.Actor, organisation identity.Organisation, user identity.User, number identity.PhoneNumber, keep identity.ID) (identity.User, error) {
	user.CredentialVersion++
	if err := s.SaveUser(ctx, user); err != nil {
		return user, err
	}
	moved := identity.Factor{
		ID: a.newID(identity.KindFactor, s.Now), User: user.ID, Kind: identity.SMS, Hint: number.Mask(), EnrolledAt: s.Now,
	}
	to := destination{kind: identity.SMS, factor: moved.ID, line: identity.PhoneLine{Number: number}}
	if err := a.replaceFactor(ctx, s, actor, organisation, user, moved, a.sealLine(to)); err != nil {
		return user, err
	}
	return user, endWhatWasBegun(ctx, s, user.ID, keep)
}
