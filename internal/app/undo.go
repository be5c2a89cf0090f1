package app

import (
	"context"
	"errors"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/secret"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

// mailUndo mails the address that was in force so far a link that undoes the change.
func (a *App) mailUndo(ctx context.Context, s *store.Scope, actor identity.Actor, user identity.User, kind identity.ContactKind) (identity.ID, error) {
	token, err := secret.NewToken(a.random)
	if err != nil {
		return "", err
	}
	link := identity.Link{
		ID: a.newID(identity.KindLink, s.Now), Portal: user.Portal, Organisation: user.OrganisationID, User: user.ID,
		Purpose: identity.ForContactUndo, CreatedAt: s.Now, ExpiresAt: s.Now.Add(identity.ContactUndoLifetime),
	}
	message := kind.Message().To(actor.Portal, *actor.Organisation, user)
	message.ID, message.ExpiresAt = a.newID(identity.KindMessage, s.Now), &link.ExpiresAt
	s.Tell(message, a.keys.Seal([]byte(token.Reveal()), []byte(message.ID)))
	return link.ID, s.AddLinks(ctx, store.HashedLink{Link: link, TokenHash: token.Hash()})
}

// UndoContactChange brings the old address back through the link that was mailed to it, and uses the link up. It lets nobody
// in: every session ends, and the password is void, for somebody may know it who shouldn't; a link to choose another one
// goes to the old mailbox. Both mailboxes are told.
func (a *App) UndoContactChange(ctx context.Context, actor identity.Actor, token string) (ContactChange, error) {
	link, organisation, _, err := a.openLink(ctx, actor.Portal, token)
	if err == nil && link.Purpose != identity.ForContactUndo {
		err = identity.Refuse(identity.TokenInvalid, "input", "token")
	}
	if err != nil {
		return ContactChange{}, err
	}
	var undone ContactChange
	err = a.db.Within(ctx, organisation.Tenant(), func(s *store.Scope) error {
		user, err := s.LockUser(ctx, link.User)
		if err != nil {
			return err
		}
		if won, err := s.UseLink(ctx, link.ID); err != nil || !won || !link.Opens(user, s.Now) {
			return errors.Join(err, identity.Refuse(identity.TokenInvalid, "input", "token"))
		}
		actor.User = &user // whoever holds the mailbox acts as the user
		undone.ContactChange, err = a.undoChange(ctx, s, actor, organisation, user, link)
		return err
	})
	return undone, err
}

func (a *App) undoChange(ctx context.Context, s *store.Scope, actor identity.Actor, organisation identity.Organisation, user identity.User, link identity.Link) (identity.ContactChange, error) {
	all, err := s.ContactChanges(ctx, user.ID)
	if err != nil {
		return identity.ContactChange{}, err
	}
	changes := make([]identity.ContactChange, len(all))
	var undone store.ContactChange
	for i, change := range all {
		changes[i] = change.ContactChange
		if change.UndoLink == link.ID {
			undone = change
		}
	}
	for _, change := range undone.Undo(changes) {
		if err := errors.Join(s.RevokeLink(ctx, change.UndoLink), second(s.MoveContactChange(ctx, change, identity.ContactChanged))); err != nil {
			return change, err
		}
	}
	return a.restore(ctx, s, actor, organisation, user, undone)
}

func second[T any](_ T, err error) error { return err }

// restore brings the old address or number back, and takes away the password that whoever changed it knew.
func (a *App) restore(ctx context.Context, s *store.Scope, actor identity.Actor, organisation identity.Organisation, user identity.User, change store.ContactChange) (identity.ContactChange, error) {
	contact, err := a.openContact(change.SealedOld, change.ID, oldContact)
	if err != nil {
		return change.ContactChange, err
	}
	lost, err := a.openContact(change.SealedNew, change.ID, newContact)
	if err != nil {
		return change.ContactChange, err
	}
	change.State = identity.ContactRestored
	switch change.Kind {
	case identity.EmailContact:
		lost = string(user.Email)                                             // which a later change may have made another
		a.tell(s, actor, organisation, user, identity.ContactRestoredMessage) // at the address that it loses
		email := identity.EmailAddress(contact)
		change.DestinationHint = email.Mask()
		user, err = a.moveEmail(ctx, s, actor, organisation, user, email, "")
	case identity.PhoneContact:
		number := identity.PhoneNumber(contact)
		change.DestinationHint = number.Mask()
		user, err = a.movePhone(ctx, s, actor, organisation, user, number, "")
	}
	if err != nil {
		return change.ContactChange, err
	}
	a.tell(s, actor, organisation, user, identity.ContactRestoredMessage)
	facts := actor.Client.Facts().WithContact(change.Kind, lost, contact)
	if err := a.recordAbout(ctx, s, actor, user, contactEvent(identity.ContactChangeUndone, change.Kind), facts); err != nil {
		return change.ContactChange, err
	}
	if err := errors.Join(s.SetPasswordHash(ctx, user.ID, ""), s.RevokeLinks(ctx, user.ID)); err != nil {
		return change.ContactChange, err
	}
	if purpose, ok := identity.PurposeFor(user); ok {
		err = a.mailLinks(ctx, s, actor.Portal, organisation, purpose, user)
	}
	return change.ContactChange, err
}
