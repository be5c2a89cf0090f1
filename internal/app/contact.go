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

// asThemselves runs work on the signed-in actor's own account, with their user locked.
func (a *App) asThemselves(ctx context.Context, actor identity.Actor, work func(*store.Scope, identity.User) error) error {
	return a.db.Within(ctx, actor.Organisation.Tenant(), func(s *store.Scope) error {
		return onThemselves(ctx, s, actor, work)
	})
}

func onThemselves(ctx context.Context, s *store.Scope, actor identity.Actor, work func(*store.Scope, identity.User) error) error {
	user, err := s.LockUser(ctx, actor.User.ID)
	if err != nil {
		return err
	}
	if user.Status() != identity.StatusActive {
		return identity.Refuse(identity.Forbidden)
	}
	if err := actor.Session.MayChangeContact(user); err != nil {
		return err
	}
	return work(s, user)
}

// requestContactChange runs the work of a request for a change, once for the caller's key.
func (a *App) requestContactChange(ctx context.Context, actor identity.Actor, asked request, work func(*store.Scope, identity.User) (ContactChange, error)) (ContactChange, error) {
	var requested ContactChange
	asked.tenant = actor.Organisation.Tenant()
	err := once(ctx, a, actor, asked, &requested, func(s *store.Scope) error {
		return onThemselves(ctx, s, actor, func(s *store.Scope, user identity.User) (err error) {
			requested, err = work(s, user)
			return err
		})
	})
	return requested, err
}

func (a *App) newContactChange(s *store.Scope, actor identity.Actor, user identity.User, kind identity.ContactKind, hint string) identity.ContactChange {
	return identity.ContactChange{
		ID: a.newID(identity.KindContactChange, s.Now), Portal: user.Portal, Organisation: user.OrganisationID, User: user.ID,
		Session: actor.Session.ID, Kind: kind, State: identity.ContactAwaitsCode, DestinationHint: hint,
		RequestedAt: s.Now, ExpiresAt: s.Now.Add(identity.CodeLifetime),
	}
}

// admitContactChange decides whether a code can be sent for a change now. Asking anew forgives no wrong code, and is a
// resending.
func (a *App) admitContactChange(ctx context.Context, s *store.Scope, actor identity.Actor, change *identity.ContactChange, code identity.MessageKind) (identity.CodeDispatch, error) {
	waiting, err := s.WaitingContactChange(ctx, change.User)
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
	recent, err := s.Recent(ctx, change.User, code)
	if err != nil {
		return identity.CodeDispatch{}, err
	}
	return identity.Dispatch(change.ID, sent, recent, s.Now)
}

// beginContactChange saves a change in the place of one that waits, and the code that is on its way to the new address.
func (a *App) beginContactChange(ctx context.Context, s *store.Scope, actor identity.Actor, user identity.User, change store.ContactChange, dispatch identity.CodeDispatch, code secret.Code) (ContactChange, error) {
	if err := a.recordContact(ctx, s, actor, user, identity.ContactChangeRequested, change); err != nil {
		return ContactChange{}, err
	}
	if err := s.BeginContactChange(ctx, change); err != nil {
		return ContactChange{}, err
	}
	return ContactChange{change.ContactChange, &dispatch}, s.SendCode(ctx, user, change.ID, dispatch, code.Hash(a.keys, string(change.ID)))
}

// sealed is a change with its two addresses.
func (a *App) sealed(change identity.ContactChange, before, after string) store.ContactChange {
	return store.ContactChange{
		ContactChange: change, SealedOld: a.sealContact(change.ID, oldContact, before), SealedNew: a.sealContact(change.ID, newContact, after),
	}
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

// ConfirmContactChange puts the new address in force, where the code is the one that went there. The actor's other
// sessions end, what was sent to the old address is void, and the old mailbox is told, with a way back.
func (a *App) ConfirmContactChange(ctx context.Context, actor identity.Actor, id identity.ID, code string) (ContactChange, error) {
	var confirmed ContactChange
	err := a.asThemselves(ctx, actor, func(s *store.Scope, user identity.User) error {
		change, err := a.proveContact(ctx, s, actor, user, id, code)
		if err != nil {
			return err
		}
		confirmed.ContactChange, err = a.putInForce(ctx, s, actor, user, change)
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

// putInForce lets the new address take the place of the old one, and mails a way back.
func (a *App) putInForce(ctx context.Context, s *store.Scope, actor identity.Actor, user identity.User, change store.ContactChange) (identity.ContactChange, error) {
	contact, err := a.openContact(change.SealedNew, change.ID, newContact)
	if err != nil {
		return change.ContactChange, err
	}
	confirmed := change.Confirmed(s.Now)
	if user.Email != "" {
		if confirmed.UndoLink, err = a.mailUndo(ctx, s, actor, user, change.Kind); err != nil {
			return confirmed, err
		}
	}
	switch change.Kind {
	case identity.EmailContact:
		err = a.adoptEmail(ctx, s, actor, user, identity.EmailAddress(contact))
	case identity.PhoneContact:
		err = a.adoptPhone(ctx, s, actor, user, identity.PhoneNumber(contact), confirmed)
	}
	if err != nil {
		return confirmed, err
	}
	if err := a.recordContact(ctx, s, actor, user, identity.ContactWasChanged, change); err != nil {
		return confirmed, err
	}
	if moved, err := s.MoveContactChange(ctx, confirmed, identity.ContactAwaitsCode); err != nil || !moved {
		return confirmed, errors.Join(err, identity.Refuse(identity.NotFound, "input", "changeId"))
	}
	return confirmed, nil
}

// endWhatWasBegun voids what rests on an address or a factor that is replaced: codes, sign-ins, and all sessions but the one
// to keep ("" for none).
func endWhatWasBegun(ctx context.Context, s *store.Scope, user identity.ID, keep identity.ID) error {
	if err := s.VoidCodes(ctx, user); err != nil {
		return err
	}
	if err := s.EndSignInsOf(ctx, user, ""); err != nil {
		return err
	}
	return s.EndSessionsOf(ctx, user, keep)
}

// replaceFactor enrols a factor to which codes are sent anew at another address, in the place of the one before: whoever gave
// the code that went there has shown what an enrolment shows. It is another factor, and told and recorded like one.
func (a *App) replaceFactor(ctx context.Context, s *store.Scope, actor identity.Actor, organisation identity.Organisation, user identity.User, moved identity.Factor, sealed []byte) error {
	moved.Name = moved.Hint
	for _, factor := range user.Factors {
		if factor.Kind == moved.Kind && factor.Name != factor.Hint {
			moved.Name = factor.Name // its owner's own
		}
	}
	a.tell(s, actor, organisation, user, identity.FactorEnrolledMessage)
	if err := a.recordAbout(ctx, s, actor, user, enrolledEvent(user, moved), actor.Client.Facts()); err != nil {
		return err
	}
	if err := s.RemoveFactorsOfKind(ctx, user.ID, moved.Kind); err != nil {
		return err
	}
	return s.AddFactor(ctx, user, moved, sealed, 0)
}
