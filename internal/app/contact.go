package app

import (
	"context"
	"errors"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/secret"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

// ContactChange is a change of contact, and the code that was sent for it.
type ContactChange struct {
	identity.ContactChange
	// CodeSent is nil but for the answer to the request.
	CodeSent *identity.CodeDispatch
}

// RequestEmailChange sends a code to the address that is to become the actor's. Nothing changes before it is confirmed.
// Whether somebody else has the address isn't asked, so the answer can't tell: whoever reads the mailbox hears it when
// they confirm.
func (a *App) RequestEmailChange(ctx context.Context, actor identity.Actor, email identity.EmailAddress) (ContactChange, error) {
	email, err := identity.ParseEmailAddress(string(email), "input", "email")
	if err != nil {
		return ContactChange{}, err
	}
	var requested ContactChange
	err = a.asThemselves(ctx, actor, func(s *store.Scope, user identity.User) error {
		if err := actor.Portal.CheckEmailChange(user, email, s.Now); err != nil {
			return err
		}
		change := a.newContactChange(s, actor, user, identity.EmailContact, email.Mask())
		dispatch, err := a.beginContactChange(ctx, s, actor, user, change, string(user.Email), string(email))
		if err != nil {
			return err
		}
		requested = ContactChange{change, &dispatch}
		return a.sendContactCode(ctx, s, actor, user, email, dispatch)
	})
	return requested, err
}

// asThemselves runs work on the signed-in actor's own account, with their user locked.
func (a *App) asThemselves(ctx context.Context, actor identity.Actor, work func(*store.Scope, identity.User) error) error {
	return a.db.Within(ctx, actor.Organisation.Tenant(), func(s *store.Scope) error {
		user, err := s.LockUser(ctx, actor.User.ID)
		if err != nil {
			return err
		}
		if user.Status() != identity.StatusActive {
			return identity.Refuse(identity.Forbidden)
		}
		return work(s, user)
	})
}

func (a *App) newContactChange(s *store.Scope, actor identity.Actor, user identity.User, kind identity.ContactKind, hint string) identity.ContactChange {
	return identity.ContactChange{
		ID: a.newID(identity.KindContactChange, s.Now), Portal: user.Portal, Organisation: user.OrganisationID, User: user.ID,
		Session: actor.Session.ID, Kind: kind, State: identity.ContactAwaitsCode, DestinationHint: hint,
		RequestedAt: s.Now, ExpiresAt: s.Now.Add(identity.CodeLifetime),
	}
}

// beginContactChange saves a change in the place of one that waits. Asking anew forgives no wrong code, and is a resending.
func (a *App) beginContactChange(ctx context.Context, s *store.Scope, actor identity.Actor, user identity.User, change identity.ContactChange, before, after string) (identity.CodeDispatch, error) {
	waiting, err := s.WaitingContactChange(ctx, user.ID)
	if err != nil {
		return identity.CodeDispatch{}, err
	}
	var sent *identity.CodeDispatch
	if waiting != nil {
		change.Failures = waiting.Failures
		if sent, err = s.CodeSent(ctx, waiting.ID); err != nil {
			return identity.CodeDispatch{}, err
		}
	}
	if err := actor.Portal.Lockout.AdmitCode(change.Failures, s.Now); err != nil {
		return identity.CodeDispatch{}, err
	}
	recent, err := s.Recent(ctx, user.ID, identity.ContactCodeMessage)
	if err != nil {
		return identity.CodeDispatch{}, err
	}
	dispatch, err := identity.Dispatch(change.ID, sent, recent, s.Now)
	if err != nil {
		return dispatch, err
	}
	a.record(s, actor, *actor.Organisation, identity.ContactChangeRequested, user.ID, map[string]string{"kind": string(change.Kind)})
	return dispatch, s.BeginContactChange(ctx, store.ContactChange{
		ContactChange: change, SealedOld: a.sealContact(change.ID, oldContact, before), SealedNew: a.sealContact(change.ID, newContact, after),
	})
}

// The two addresses of a change are sealed to their places in it.
const (
	oldContact = " old"
	newContact = " new"
)

func (a *App) sealContact(change identity.ID, place, contact string) []byte {
	return a.keys.Seal([]byte(contact), []byte(string(change)+place))
}

func (a *App) openContact(sealed []byte, change identity.ID, place string) (string, error) {
	contact, err := a.keys.Open(sealed, []byte(string(change)+place))
	return string(contact), err
}

// sendContactCode mails a code to an address that isn't the user's yet. It names nobody: the mailbox may be a stranger's.
func (a *App) sendContactCode(ctx context.Context, s *store.Scope, actor identity.Actor, user identity.User, email identity.EmailAddress, dispatch identity.CodeDispatch) error {
	code, err := secret.NewCode(a.random)
	if err != nil {
		return err
	}
	message := identity.ContactCodeMessage.To(actor.Portal, *actor.Organisation, user).At(email)
	message.ID, message.ExpiresAt, message.Name = a.newID(identity.KindMessage, s.Now), &dispatch.ExpiresAt, ""
	s.Tell(message, a.keys.Seal([]byte(code.Reveal()), []byte(message.ID)))
	return s.SendCode(ctx, user, dispatch.FactorID, dispatch, code.Hash(a.keys, string(dispatch.FactorID)))
}

// ConfirmContactChange puts the new address in force, where the code is the one that went there. The actor's other
// sessions end, what was sent to the old address is void, and the old mailbox is told, with a way back.
func (a *App) ConfirmContactChange(ctx context.Context, actor identity.Actor, id identity.ID, code string) (ContactChange, error) {
	var confirmed ContactChange
	err := a.asThemselves(ctx, actor, func(s *store.Scope, user identity.User) error {
		change, err := a.proveContact(ctx, s, actor, user, id, code)
		if err != nil {
			return err
		}
		confirmed.ContactChange, err = a.confirmEmail(ctx, s, actor, user, change)
		return err
	})
	return confirmed, err
}

// proveContact uses the code of a waiting change up. A wrong one is counted and kept even though the transaction refuses.
func (a *App) proveContact(ctx context.Context, s *store.Scope, actor identity.Actor, user identity.User, id identity.ID, code string) (store.ContactChange, error) {
	unknown, wrong := identity.Refuse(identity.NotFound, "input", "changeId"), identity.Refuse(identity.InvalidCode, "input", "code")
	change, err := s.LockContactChange(ctx, user.ID, id)
	if err == nil && !change.Confirmable(actor.Session.ID, s.Now) || errors.Is(err, unknown) {
		return change, unknown
	}
	if err != nil {
		return change, err
	}
	if err := actor.Portal.Lockout.AdmitCode(change.Failures, s.Now); err != nil {
		return change, err
	}
	if typed, malformed := secret.ParseCode(code); malformed == nil {
		used, err := s.UseCode(ctx, change.ID, change.ID, typed.Hashes(a.keys, string(change.ID)))
		if err != nil || used {
			return change, err
		}
	}
	if err := s.CountContactFailure(ctx, change.ID, change.Failures.Plus(s.Now)); err != nil {
		return change, err
	}
	return change, store.Keep(wrong)
}

func (a *App) confirmEmail(ctx context.Context, s *store.Scope, actor identity.Actor, user identity.User, change store.ContactChange) (identity.ContactChange, error) {
	address, err := a.openContact(change.SealedNew, change.ID, newContact)
	if err != nil {
		return change.ContactChange, err
	}
	email := identity.EmailAddress(address)
	if err := actor.Portal.CheckEmailChange(user, email, s.Now); err != nil {
		return change.ContactChange, err
	}
	confirmed := change.Confirmed(s.Now)
	if user.Email != "" {
		if confirmed.UndoLink, err = a.mailUndo(ctx, s, actor, user); err != nil {
			return confirmed, err
		}
	}
	user, err = a.moveEmail(ctx, s, actor, *actor.Organisation, user, email, actor.Session.ID)
	if err != nil {
		return confirmed, err
	}
	a.tell(s, actor, *actor.Organisation, user, identity.EmailAdoptedMessage)
	a.record(s, actor, *actor.Organisation, identity.ContactWasChanged, user.ID, map[string]string{"kind": string(change.Kind)})
	if moved, err := s.MoveContactChange(ctx, confirmed, identity.ContactAwaitsCode); err != nil || !moved {
		return confirmed, errors.Join(err, identity.Refuse(identity.NotFound, "input", "changeId"))
	}
	return confirmed, nil
}

// mailUndo mails the old address a link that undoes the change.
func (a *App) mailUndo(ctx context.Context, s *store.Scope, actor identity.Actor, user identity.User) (identity.ID, error) {
	token, err := secret.NewToken(a.random)
	if err != nil {
		return "", err
	}
	link := identity.Link{
		ID: a.newID(identity.KindLink, s.Now), Portal: user.Portal, Organisation: user.OrganisationID, User: user.ID,
		Purpose: identity.ForContactUndo, CreatedAt: s.Now, ExpiresAt: s.Now.Add(identity.ContactUndoLifetime),
	}
	message := identity.EmailChangedMessage.To(actor.Portal, *actor.Organisation, user)
	message.ID, message.ExpiresAt = a.newID(identity.KindMessage, s.Now), &link.ExpiresAt
	s.Tell(message, a.keys.Seal([]byte(token.Reveal()), []byte(message.ID)))
	return link.ID, s.AddLinks(ctx, store.HashedLink{Link: link, TokenHash: token.Hash()})
}

// moveEmail puts a user at another address, and ends what was begun at the one before: links, codes, sign-ins, and all
// sessions but the one to keep ("" for none).
func (a *App) moveEmail(ctx context.Context, s *store.Scope, actor identity.Actor, organisation identity.Organisation, user identity.User, email identity.EmailAddress, keep identity.ID) (identity.User, error) {
	before := user.Email
	user = user.WithEmail(email)
	for _, step := range []func() error{
		func() error { return s.SaveUser(ctx, user) },
		func() error {
			return s.ClaimIdentifiers(ctx, user, actor.Portal.SignIn.IdentifiersOf(organisation, user))
		},
		func() error { return a.moveEmailFactor(ctx, s, actor, organisation, user, before) },
		func() error { return s.RevokeLinks(ctx, user.ID) },
		func() error { return s.VoidCodes(ctx, user.ID) },
		func() error { return s.EndSignInsOf(ctx, user.ID, "") },
		func() error { return s.EndSessionsOf(ctx, user.ID, keep) },
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

// moveEmailFactor enrols codes by mail anew at the user's address, where they had them at the one before: whoever gave the
// code that went there has shown what an enrolment shows. It is another factor, and told and recorded like one.
func (a *App) moveEmailFactor(ctx context.Context, s *store.Scope, actor identity.Actor, organisation identity.Organisation, user identity.User, before identity.EmailAddress) error {
	for _, factor := range user.Factors {
		if factor.Kind != identity.Email {
			continue
		}
		moved := identity.Factor{
			ID: a.newID(identity.KindFactor, s.Now), User: user.ID, Kind: identity.Email, Name: factor.Name,
			Hint: user.Email.Mask(), EnrolledAt: s.Now,
		}
		if factor.Name == before.Mask() {
			moved.Name = moved.Hint
		}
		a.tell(s, actor, organisation, user, identity.FactorEnrolledMessage)
		a.record(s, actor, organisation, identity.FactorEnrolled, moved.ID, map[string]string{"kind": string(moved.Kind), "user": string(user.ID)})
		if err := s.RemoveFactorsOfKind(ctx, user.ID, identity.Email); err != nil {
			return err
		}
		return s.AddFactor(ctx, user, moved, []byte{}, 0)
	}
	return nil
}
