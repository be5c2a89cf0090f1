package app

import (
	"context"
	"errors"
	"fmt"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/secret"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

// announceReplacement tells the owner of an account who is to lose it, and when, with a link that keeps it. Whoever
// registers may have found the policy number on a letter.
func (a *App) announceReplacement(ctx context.Context, s *store.Scope, actor identity.Actor, organisation identity.Organisation, before identity.User, registrant identity.Registrant) error {
	a.record(s, actor, organisation, identity.ReplacementAnnounced, before.ID, map[string]string{"by": string(registrant.User)})
	if before.Email == "" {
		return nil
	}
	token, err := secret.NewToken(a.random)
	if err != nil {
		return err
	}
	link := identity.Link{
		ID: a.newID(identity.KindLink, s.Now), Portal: organisation.Portal, Organisation: organisation.ID, User: before.ID,
		Purpose: identity.ForKeeping, Action: registrant.ID, CreatedAt: s.Now, ExpiresAt: registrant.DueAt,
	}
	message := identity.ReplacementAnnouncedMessage.To(actor.Portal, organisation, before)
	message.ID, message.ExpiresAt = a.newID(identity.KindMessage, s.Now), &link.ExpiresAt
	s.Tell(message, a.keys.Seal([]byte(token.Reveal()), []byte(message.ID)))
	return s.AddLinks(ctx, store.HashedLink{Link: link, TokenHash: token.Hash()})
}

// KeepAccount stops a replacement through the link in the mail that announced it, and uses the link up. It does nothing
// else: it signs nobody in.
func (a *App) KeepAccount(ctx context.Context, actor identity.Actor, text string) error {
	invalid := identity.Refuse(identity.TokenInvalid, "input", "token")
	link, organisation, _, err := a.openLink(ctx, actor.Portal, text)
	if err == nil && link.Purpose != identity.ForKeeping {
		err = invalid
	}
	if err != nil {
		return err
	}
	return a.db.Within(ctx, organisation.Tenant(), func(s *store.Scope) error {
		organisation, err := s.LockOrganisation(ctx, link.Organisation)
		if err != nil {
			return err
		}
		user, err := s.LockUser(ctx, link.User)
		if err != nil {
			return err
		}
		if won, err := s.UseLink(ctx, link.ID); err != nil || !won || !link.Opens(user, s.Now) {
			return errors.Join(err, invalid)
		}
		actor.User = &user // whoever holds the mailbox acts as the user
		kept, err := a.keepAccount(ctx, s, actor, organisation, user)
		if err == nil && !kept {
			return invalid
		}
		return err
	})
}

// keepAccount stops the replacement of a user, who is locked; false where none was announced. Signing in does so too:
// somebody who can hasn't forgotten anything.
func (a *App) keepAccount(ctx context.Context, s *store.Scope, actor identity.Actor, organisation identity.Organisation, user identity.User) (bool, error) {
	registrant, err := s.Replacing(ctx, user.ID)
	if err != nil {
		return false, ignoreNotFound(err)
	}
	registering, err := s.LockUser(ctx, registrant.User)
	if err != nil {
		return false, err
	}
	return a.giveUp(ctx, s, actor, organisation, user, registering, registrant, identity.RegistrationStopped)
}

// giveUp ends a registration that leads to no account, and tells both where it had been announced; false where it had
// come to its end.
func (a *App) giveUp(ctx context.Context, s *store.Scope, actor identity.Actor, organisation identity.Organisation, before, user identity.User, registrant identity.Registrant, end identity.RegistrationEnd) (bool, error) {
	won, err := s.EndRegistrant(ctx, registrant.ID, end)
	if err != nil || !won {
		return false, err
	}
	a.record(s, actor, organisation, identity.RegistrationEnded, user.ID, map[string]string{"end": string(end)})
	if registrant.Replaces != "" {
		a.tell(s, actor, organisation, before, identity.ReplacementStoppedMessage)
		a.tell(s, actor, organisation, user, identity.ReplacementStoppedMessage)
		if err := s.RevokeStopLinks(ctx, registrant.Replaces, registrant.ID); err != nil {
			return false, err
		}
	}
	if user.Registration != identity.Invited {
		return true, nil
	}
	return true, removeWithin(ctx, s, user)
}

// succeed puts a user in the main user's place, and takes away whoever had it. The user must be registered and saved.
func (a *App) succeed(ctx context.Context, s *store.Scope, actor identity.Actor, organisation identity.Organisation, before, user identity.User, registrant identity.Registrant) error {
	won, err := s.EndRegistrant(ctx, registrant.ID, identity.RegistrationCompleted)
	if err != nil || !won {
		return errors.Join(err, identity.Refuse(identity.TokenInvalid, "input", "token"))
	}
	organisation.MainUserID = user.ID
	if err := s.SaveOrganisation(ctx, organisation); err != nil {
		return err
	}
	a.record(s, actor, organisation, identity.MainUserTransferred, user.ID, map[string]string{"from": string(before.ID)})
	a.record(s, actor, organisation, identity.AccountReplaced, before.ID, map[string]string{"by": string(user.ID)})
	if err := removeWithin(ctx, s, before); err != nil {
		return err
	}
	if err := a.endTokensOf(ctx, s, actor, organisation, before); err != nil {
		return err
	}
	return a.revokePending(ctx, s, actor, organisation, before)
}

// ready notes that whoever registers has confirmed the factor that their account needs.
func (a *App) ready(ctx context.Context, s *store.Scope, user identity.User) error {
	registrant, err := s.RegistrantOf(ctx, user.ID)
	if err != nil {
		return err
	}
	registrant.ReadyAt = &s.Now
	return s.SaveRegistrant(ctx, registrant)
}

// finishRegistrations brings to their end the registrations of a portal whose instant has come, each once and in a
// transaction of its own, whatever dies in between and however many processes try.
func (a *App) finishRegistrations(ctx context.Context, portal identity.Portal) error {
	var due []identity.Registrant
	err := a.db.Read(ctx, identity.AcrossPortal(portal.Slug), func(s *store.Scope) (err error) {
		due, err = s.DueRegistrants(ctx, mostDue)
		return err
	})
	for _, registrant := range due {
		if failed := a.finishRegistration(ctx, portal, registrant); failed != nil {
			err = errors.Join(err, fmt.Errorf("finish registration %s: %w", registrant.ID, failed))
		}
	}
	return err
}

func (a *App) finishRegistration(ctx context.Context, portal identity.Portal, seen identity.Registrant) error {
	tenant := identity.Tenant{Portal: seen.Portal, Organisation: seen.Organisation}
	actor := identity.Actor{Portal: portal}
	return a.db.Within(ctx, tenant, func(s *store.Scope) error {
		organisation, err := s.LockOrganisation(ctx, seen.Organisation)
		if err != nil {
			return err
		}
		var before identity.User
		if seen.Replaces != "" {
			if before, err = s.LockUser(ctx, seen.Replaces); err != nil {
				return err
			}
		}
		user, err := s.LockUser(ctx, seen.User)
		if err != nil {
			return err
		}
		registrant, err := s.Registrant(ctx, seen.ID)
		if err != nil || registrant.EndedAt != nil || registrant.Replaces != seen.Replaces || s.Now.Before(registrant.DueAt) {
			return err
		}
		if registrant.AtDue(organisation, user) != identity.RegistrationCompleted {
			_, err := a.giveUp(ctx, s, actor, organisation, before, user, registrant, identity.RegistrationLapsed)
			return err
		}
		return a.replace(ctx, s, actor, organisation, before, user, registrant)
	})
}

// replace makes the account of whoever registered active, in the place of the one that there is. Both are told.
func (a *App) replace(ctx context.Context, s *store.Scope, actor identity.Actor, organisation identity.Organisation, before, user identity.User, registrant identity.Registrant) error {
	user.Registration, user.CredentialVersion = identity.Registered, user.CredentialVersion+1
	if err := s.SaveUser(ctx, user); err != nil {
		return err
	}
	a.tell(s, actor, organisation, before, identity.AccountReplacedMessage)
	a.tell(s, actor, organisation, user, identity.RegistrationCompletedMessage)
	if err := s.RevokeStopLinks(ctx, registrant.Replaces, registrant.ID); err != nil {
		return err
	}
	return a.succeed(ctx, s, actor, organisation, before, user, registrant)
}
