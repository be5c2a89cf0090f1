package app

import (
	"context"
	"errors"
	"strings"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/secret"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

// InspectedLink is what a page may show before a link is used.
type InspectedLink struct {
	Link             identity.Link
	OrganisationName string
	EmailHint        string
	Rules            []identity.PasswordRule
	// Stops is what a link that stops a support action stops; nil for every other.
	Stops *identity.SupportActionKind
}

// InspectLink looks at a mailed link and never uses it up, so that a mail scanner can't. One that doesn't open is refused
// (TOKEN_INVALID), whatever the reason.
func (a *App) InspectLink(ctx context.Context, actor identity.Actor, token string) (InspectedLink, error) {
	link, organisation, user, err := a.openLink(ctx, actor.Portal, token)
	inspected := InspectedLink{Link: link, OrganisationName: organisation.Name, EmailHint: user.Email.Mask()}
	if link.Purpose.ChoosesPassword() {
		inspected.Rules = actor.Portal.Passwords.Rules()
	}
	if err != nil || link.Purpose != identity.ForStopping {
		return inspected, err
	}
	err = a.db.Read(ctx, organisation.Tenant(), func(s *store.Scope) error {
		action, err := s.SupportAction(ctx, link.Action)
		inspected.Stops = &action.Kind
		return err
	})
	return inspected, err
}

func (a *App) openLink(ctx context.Context, portal identity.Portal, text string) (identity.Link, identity.Organisation, identity.User, error) {
	invalid := identity.Refuse(identity.TokenInvalid, "input", "token")
	var organisation identity.Organisation
	var user identity.User
	token, err := secret.ParseToken(text)
	if err != nil {
		return identity.Link{}, organisation, user, invalid
	}
	link, ok, err := a.db.LinkByToken(ctx, portal.Slug, token.Hash())
	if err != nil {
		return link, organisation, user, err
	}
	if !ok {
		return identity.Link{}, organisation, user, invalid
	}
	err = a.db.Read(ctx, identity.Tenant{Portal: link.Portal, Organisation: link.Organisation}, func(s *store.Scope) error {
		if organisation, user, err = organisationAndUser(ctx, s, link.Organisation, link.User); err != nil {
			return err
		}
		if !link.Opens(user, s.Now) {
			return invalid
		}
		return nil
	})
	if err != nil {
		return identity.Link{}, identity.Organisation{}, identity.User{}, err
	}
	return link, organisation, user, nil
}

// NewPassword is what somebody chose behind a mailed link.
type NewPassword struct {
	Token    string
	Password string
	// DisplayName is how an invited person wants to be called; nil: as the invitation said.
	DisplayName *string
}

// SetPassword chooses a password through a mailed link and uses the link up. It never opens a session: where enrolment is
// owed it begins a sign-in that can do nothing else, and else there is nothing more to do than to sign in.
func (a *App) SetPassword(ctx context.Context, actor identity.Actor, chosen NewPassword) (Outcome, error) {
	link, organisation, user, err := a.openLink(ctx, actor.Portal, chosen.Token)
	if err == nil && !link.Purpose.ChoosesPassword() {
		err = identity.Refuse(identity.TokenInvalid, "input", "token")
	}
	if err != nil {
		return Outcome{}, err
	}
	if chosen.DisplayName != nil {
		if user.DisplayName, err = identity.CleanName(*chosen.DisplayName, "input", "displayName"); err != nil {
			return Outcome{}, err
		}
	}
	hash, err := a.hashChosen(ctx, actor.Portal, organisation, user, chosen.Password)
	if err != nil {
		return Outcome{}, err
	}
	var outcome Outcome
	err = a.db.Within(ctx, organisation.Tenant(), func(s *store.Scope) error {
		setUp := a.setUp
		if link.Purpose == identity.ForRegistration {
			setUp = a.setUpRegistrant
		}
		outcome, err = setUp(ctx, s, actor, link, user.DisplayName, hash)
		return err
	})
	if err != nil {
		return Outcome{}, err
	}
	return outcome, errors.Join(a.forgetFailuresOf(ctx, actor.Portal, organisation, user), a.leave(ctx, actor))
}

// hashChosen checks a chosen password against the portal's rules and hashes it.
func (a *App) hashChosen(ctx context.Context, portal identity.Portal, organisation identity.Organisation, user identity.User, password string) (string, error) {
	blocked := secret.CommonPassword(password)
	if portal.Passwords.Blocklist == identity.BlockExpected {
		local, _, _ := strings.Cut(string(user.Email), "@")
		blocked = secret.ExpectedPassword(password, portal.Name, portal.Slug, organisation.Name, user.DisplayName, local)
	}
	if err := portal.Passwords.Check(password, blocked, "input", "newPassword"); err != nil {
		return "", err
	}
	hash, err := a.hasher.Hash(ctx, password)
	return hash, busy(err)
}

func (a *App) setUp(ctx context.Context, s *store.Scope, actor identity.Actor, link identity.Link, displayName, hash string) (Outcome, error) {
	organisation, err := s.LockOrganisation(ctx, link.Organisation)
	if err != nil {
		return Outcome{}, err
	}
	user, err := s.LockUser(ctx, link.User)
	if err != nil {
		return Outcome{}, err
	}
	if won, err := s.UseLink(ctx, link.ID); err != nil {
		return Outcome{}, err
	} else if !won || !link.Opens(user, s.Now) {
		return Outcome{}, identity.Refuse(identity.TokenInvalid, "input", "token")
	}
	after, dropsFactors := link.SetUp(actor.Portal, user, s.Now)
	after.DisplayName = displayName
	if err := a.withinLimit(ctx, s, organisation, func() error {
		return a.saveSetUp(ctx, s, actor, organisation, after, hash, dropsFactors)
	}); err != nil {
		return Outcome{}, err
	}
	if err := a.tellSetUp(ctx, s, actor, organisation, user, after, link, dropsFactors); err != nil {
		return Outcome{}, err
	}
	attempt := a.newSignIn(s, after, identity.WithLink)
	if !attempt.Enrolling(actor.Portal, organisation, after, s.Now) {
		return Outcome{SignInEnded: true}, nil
	}
	return a.advance(ctx, s, actor, attempt, organisation, after, isNew)
}

func (a *App) saveSetUp(ctx context.Context, s *store.Scope, actor identity.Actor, organisation identity.Organisation, user identity.User, hash string, dropsFactors bool) error {
	steps := []func() error{
		func() error { return s.SaveUser(ctx, user) },
		func() error { return s.SetPasswordHash(ctx, user.ID, hash) },
		func() error {
			if !dropsFactors {
				return nil
			}
			return s.RemoveFactors(ctx, user.ID)
		},
		func() error { return s.RevokeLinks(ctx, user.ID) },
		func() error { return s.EndSessionsOf(ctx, user.ID, "") },
		func() error { return s.EndSignInsOf(ctx, user.ID, "") },
		func() error {
			return s.ClaimIdentifiers(ctx, user, actor.Portal.SignIn.IdentifiersOf(organisation, user))
		},
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (a *App) tellSetUp(ctx context.Context, s *store.Scope, actor identity.Actor, organisation identity.Organisation, before, user identity.User, link identity.Link, dropsFactors bool) error {
	actor.User = &user // whoever holds the mailbox acts as the user
	event := identity.AuditEvent{Action: identity.PasswordSet, Details: map[string]string{"through": string(link.Purpose)}}
	if err := a.recordAbout(ctx, s, actor, user, event, actor.Client.Facts().WithNames(before, user)); err != nil {
		return err
	}
	if dropsFactors {
		a.tell(s, actor, organisation, user, identity.FactorsUnlinkedMessage)
		a.record(s, actor, organisation, identity.FactorsUnlinked, user.ID, nil)
	}
	if link.Purpose == identity.ForPasswordReset {
		a.tell(s, actor, organisation, user, identity.PasswordChangedMessage)
	}
	if link.Purpose != identity.ForInvitation || organisation.IsPrivate {
		return nil
	}
	invitation, err := s.InvitationOf(ctx, user.ID)
	if err != nil {
		return err
	}
	invitation.AcceptedAt = &s.Now
	a.record(s, actor, organisation, identity.InvitationWasAccepted, invitation.ID, nil)
	return s.SaveInvitation(ctx, invitation)
}

// forgetFailuresOf lifts what wrong passwords brought about: whoever holds the mailbox isn't kept out by an outsider.
func (a *App) forgetFailuresOf(ctx context.Context, portal identity.Portal, organisation identity.Organisation, user identity.User) error {
	for _, identifier := range portal.SignIn.IdentifiersOf(organisation, user) {
		if err := a.db.ForgetFailures(ctx, portal.Slug, a.failuresOf(portal, identifier)); err != nil {
			return err
		}
	}
	return nil
}

// RequestPasswordReset mails a link to whoever the name leads to, and says the same, after the same time, when it leads to
// nobody. Somebody who must register again gets a fresh link for that.
func (a *App) RequestPasswordReset(ctx context.Context, actor identity.Actor, name identity.SignInName) error {
	identifier, err := actor.Portal.SignIn.Read(name)
	if err != nil {
		return err
	}
	return a.steady(ctx, func() error {
		account, err := a.db.AccountNamed(ctx, actor.Portal.Slug, identifier)
		if err != nil || account.User == "" {
			return err
		}
		tenant := identity.Tenant{Portal: actor.Portal.Slug, Organisation: account.Organisation}
		return a.db.Within(ctx, tenant, func(s *store.Scope) error { return a.mailReset(ctx, s, actor, account) })
	})
}

func (a *App) mailReset(ctx context.Context, s *store.Scope, actor identity.Actor, account store.Account) error {
	organisation, err := s.Organisation(ctx, account.Organisation)
	if err != nil {
		return err
	}
	user, err := s.LockUser(ctx, account.User)
	if err != nil {
		return err
	}
	purpose, ok := identity.PurposeFor(user)
	last, err := s.LastLinkAt(ctx, user.ID)
	if err != nil || !ok || user.Email == "" {
		return err
	}
	if last != nil && s.Now.Before(last.Add(actor.Portal.Links.ResendPause)) {
		return nil // the mail of a moment ago will do; saying so would tell that the account exists
	}
	if err := s.RevokeLinks(ctx, user.ID); err != nil {
		return err
	}
	if err := a.recordFrom(ctx, s, actor, user, identity.PasswordResetRequested, user.ID, nil); err != nil {
		return err
	}
	return a.mailLinks(ctx, s, actor.Portal, organisation, purpose, user)
}

// ChangePassword replaces the password of a signed-in user, whose proof is fresh. Other sessions end.
func (a *App) ChangePassword(ctx context.Context, actor identity.Actor, password string) (Outcome, error) {
	hash, err := a.hashChosen(ctx, actor.Portal, *actor.Organisation, *actor.User, password)
	if err != nil {
		return Outcome{}, err
	}
	var outcome Outcome
	err = a.db.Within(ctx, actor.Organisation.Tenant(), func(s *store.Scope) error {
		user, err := s.LockUser(ctx, actor.User.ID)
		if err != nil {
			return err
		}
		if user.Status() != identity.StatusActive || user.Provider != "" {
			return identity.Refuse(identity.WrongStatus)
		}
		user.CredentialVersion++
		user.PasswordResetAt = nil
		a.tell(s, actor, *actor.Organisation, user, identity.PasswordChangedMessage)
		for _, step := range []func() error{
			func() error {
				return a.recordFrom(ctx, s, actor, user, identity.PasswordChanged, user.ID, nil)
			},
			func() error { return s.SaveUser(ctx, user) },
			func() error { return s.SetPasswordHash(ctx, user.ID, hash) },
			func() error { return s.RevokeLinks(ctx, user.ID) },
			func() error { return s.EndSignInsOf(ctx, user.ID, "") },
			func() error { return s.EndSessionsOf(ctx, user.ID, actor.Session.ID) },
		} {
			if err := step(); err != nil {
				return err
			}
		}
		outcome, err = a.renew(ctx, s, *actor.Session)
		return err
	})
	return outcome, err
}
