package app

import (
	"context"
	"errors"
	"net/netip"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

// Registration is what somebody gives who makes their own account.
type Registration struct {
	Email        identity.EmailAddress
	DisplayName  string
	PolicyNumber string
}

// Register mails a link to whoever names a policy number, and says the same, after the same time, when there is no such
// number, when its organisation has an account already, or when the address is known. It makes nobody a user: the
// mailbox is proved behind the link.
func (a *App) Register(ctx context.Context, actor identity.Actor, wanted Registration) error {
	number, err := wanted.clean(actor.Portal)
	if err != nil {
		return err
	}
	return a.steady(ctx, func() error {
		organisation, err := a.holderOf(ctx, actor, wanted, number)
		if err != nil || organisation == "" {
			return err
		}
		tenant := identity.Tenant{Portal: actor.Portal.Slug, Organisation: organisation}
		return a.db.Within(ctx, tenant, func(s *store.Scope) error {
			return a.mailRegistration(ctx, s, actor, organisation, wanted)
		})
	})
}

func (wanted *Registration) clean(portal identity.Portal) (number identity.PolicyNumber, err error) {
	if err := portal.Registration.Check(); err != nil {
		return "", err
	}
	if wanted.Email, err = identity.ParseEmailAddress(string(wanted.Email), "input", "email"); err != nil {
		return "", err
	}
	if wanted.DisplayName, err = identity.CleanName(wanted.DisplayName, "input", "displayName"); err != nil {
		return "", err
	}
	return identity.ParsePolicyNumber(wanted.PolicyNumber, "input", "policyNumber")
}

// holderOf counts the attempt, whatever it comes to, and answers which organisation has the number; "" for none.
func (a *App) holderOf(ctx context.Context, actor identity.Actor, wanted Registration, number identity.PolicyNumber) (identity.ID, error) {
	var holder identity.ID
	err := a.db.Within(ctx, identity.AcrossPortal(actor.Portal.Slug), func(s *store.Scope) error {
		before, err := s.CountAttempt(ctx, actor.Portal.Slug,
			a.attemptsOf(actor, "address", wanted.Email.Fold()),
			a.attemptsOf(actor, "policy number", string(number)),
			a.attemptsOf(actor, "client", clientOf(actor.Client.IPAddress)))
		if err != nil {
			return err
		}
		made := identity.Attempts{PerAddress: before[0], PerPolicyNumber: before[1], PerClient: before[2]}
		if err := identity.AdmitRegistration(made, s.Now); err != nil {
			return store.Keep(err)
		}
		holder, err = s.PolicyHolder(ctx, number)
		return err
	})
	return holder, err
}

func (a *App) attemptsOf(actor identity.Actor, kind, value string) []byte {
	return a.keys.MAC("registration attempts", []byte(actor.Portal.Slug), []byte(kind), []byte(value))
}

// clientOf is what counts as one client: an IPv4 address, or the /64 that a household or machine gets of IPv6.
func clientOf(address string) string {
	parsed, err := netip.ParseAddr(address)
	if err != nil || !parsed.Is6() {
		return address
	}
	network, err := parsed.Prefix(64)
	if err != nil {
		return address
	}
	return network.String()
}

// mailRegistration mails whoever has shown a right policy number what helps them: the link to register; the invitation
// again where they were invited; the way back in where they have the account. A moment after the last mail it mails
// nothing: saying so would tell that the number is right.
func (a *App) mailRegistration(ctx context.Context, s *store.Scope, actor identity.Actor, id identity.ID, wanted Registration) error {
	organisation, err := s.LockOrganisation(ctx, id)
	if err != nil {
		return err
	}
	known, err := s.UserWithEmail(ctx, id, wanted.Email)
	if err != nil {
		return err
	}
	if known == "" {
		return a.addRegistrant(ctx, s, actor, organisation, wanted)
	}
	user, err := s.LockUser(ctx, known)
	if err != nil {
		return err
	}
	last, err := s.LastLinkAt(ctx, user.ID)
	if err != nil || actor.Portal.Links.AdmitResend(last, s.Now) != nil {
		return err
	}
	if user.Status() == identity.StatusInvited {
		return a.mailInvitedAgain(ctx, s, actor, organisation, user)
	}
	return a.mailReset(ctx, s, actor, store.Account{User: user.ID, Organisation: id})
}

// addRegistrant saves who registers and mails the link.
func (a *App) addRegistrant(ctx context.Context, s *store.Scope, actor identity.Actor, organisation identity.Organisation, wanted Registration) error {
	user := identity.User{
		ID: a.newID(identity.KindUser, s.Now), Portal: organisation.Portal, OrganisationID: organisation.ID, DisplayName: wanted.DisplayName,
		Email: wanted.Email, Role: identity.SuperSubUser, Registration: identity.Invited, CreatedAt: s.Now, CredentialVersion: 1,
		Language: actor.Portal.Speak(actor.Client.Language),
	}
	registrant := identity.Registrant{
		ID: a.newID(identity.KindRegistrant, s.Now), Portal: user.Portal, Organisation: organisation.ID, User: user.ID,
		CreatedAt: s.Now, DueAt: s.Now.Add(actor.Portal.Links.Registration),
	}
	if err := s.AddUser(ctx, user); err != nil {
		return err
	}
	if err := s.AddRegistrant(ctx, registrant); err != nil {
		return err
	}
	facts := actor.Client.Facts().WithEmail("", user.Email)
	if err := a.recordAbout(ctx, s, actor, user, identity.AuditEvent{Action: identity.RegistrationRequested}, facts); err != nil {
		return err
	}
	return a.mailLinks(ctx, s, actor.Portal, organisation, identity.ForRegistration, user)
}

// mailInvitedAgain mails a fresh link to somebody who was invited, or registers already and hasn't finished.
func (a *App) mailInvitedAgain(ctx context.Context, s *store.Scope, actor identity.Actor, organisation identity.Organisation, user identity.User) error {
	registrant, err := s.RegistrantOf(ctx, user.ID)
	if errors.Is(err, identity.Refuse(identity.NotFound)) {
		return a.mailInvitationAgain(ctx, s, actor, organisation, user)
	}
	if err != nil || registrant.ReadyAt != nil {
		return err
	}
	if registrant.Replaces == "" {
		registrant.DueAt = s.Now.Add(actor.Portal.Links.Registration)
	}
	if err := s.SaveRegistrant(ctx, registrant); err != nil {
		return err
	}
	if err := s.RevokeLinks(ctx, user.ID); err != nil {
		return err
	}
	return a.mailLinks(ctx, s, actor.Portal, organisation, identity.ForRegistration, user)
}

// mailInvitationAgain is silent where the invitation can't be sent again.
func (a *App) mailInvitationAgain(ctx context.Context, s *store.Scope, actor identity.Actor, organisation identity.Organisation, user identity.User) error {
	invitation, err := s.InvitationOf(ctx, user.ID)
	if err != nil {
		return ignoreNotFound(err)
	}
	_, err = a.renewInvitation(ctx, s, actor, organisation, invitation, user)
	if _, refused := errors.AsType[*identity.Error](err); refused {
		return nil
	}
	return err
}

// setUpRegistrant is what choosing a password through the link of a registration comes to. Where nobody has the account,
// it is theirs at once. Where somebody has, its owner is told, and it becomes theirs when the notice is over and all else is done.
func (a *App) setUpRegistrant(ctx context.Context, s *store.Scope, actor identity.Actor, link identity.Link, displayName, hash string) (Outcome, error) {
	invalid := identity.Refuse(identity.TokenInvalid, "input", "token")
	organisation, err := s.LockOrganisation(ctx, link.Organisation)
	if err != nil {
		return Outcome{}, err
	}
	before, err := s.LockUser(ctx, organisation.MainUserID) // always before the one who replaces them
	if err != nil {
		return Outcome{}, err
	}
	user, err := s.LockUser(ctx, link.User)
	if err != nil {
		return Outcome{}, err
	}
	registrant, err := s.RegistrantOf(ctx, user.ID)
	if err != nil {
		return Outcome{}, errors.Join(ignoreNotFound(err), invalid)
	}
	if won, err := s.UseLink(ctx, link.ID); err != nil || !won || !link.Opens(user, s.Now) {
		return Outcome{}, errors.Join(err, invalid)
	}
	user.DisplayName, user.CredentialVersion = displayName, user.CredentialVersion+1
	place, err := a.placeOf(ctx, s, actor, organisation, before, registrant)
	if err != nil {
		return Outcome{}, err
	}
	if place == identity.PlaceFree {
		return a.settle(ctx, s, actor, organisation, before, user, registrant, hash)
	}
	return a.awaitPlace(ctx, s, actor, organisation, before, user, registrant, hash)
}

// placeOf asks where the account goes. Somebody to whom it was announced already comes back to the same place.
func (a *App) placeOf(ctx context.Context, s *store.Scope, actor identity.Actor, organisation identity.Organisation, before identity.User, registrant identity.Registrant) (identity.RegistrationPlace, error) {
	if registrant.Replaces != "" {
		return identity.PlaceOccupied, nil
	}
	inUse, err := isInUse(ctx, s, before)
	if err != nil {
		return "", err
	}
	announced, err := s.IsAnnounced(ctx, organisation.ID)
	if err != nil {
		return "", err
	}
	limit, err := limitWithin(ctx, s, organisation)
	if err != nil {
		return "", err
	}
	return actor.Portal.Registration.Place(limit, inUse, announced)
}

// isInUse tells whether somebody has the account, or an open invitation to it.
func isInUse(ctx context.Context, s *store.Scope, user identity.User) (bool, error) {
	if user.Registration != identity.Invited {
		return true, nil
	}
	invitation, err := s.InvitationOf(ctx, user.ID)
	return err == nil && invitation.Status == identity.InvitationPending, ignoreNotFound(err)
}

// settle makes whoever registered the main user of an organisation in which nobody has that account.
func (a *App) settle(ctx context.Context, s *store.Scope, actor identity.Actor, organisation identity.Organisation, before, user identity.User, registrant identity.Registrant, hash string) (Outcome, error) {
	actor.User = &user // whoever holds the mailbox acts as the user
	user.Registration = identity.Registered
	if err := a.saveSetUp(ctx, s, actor, organisation, user, hash, false); err != nil {
		return Outcome{}, err
	}
	if err := a.recordFrom(ctx, s, actor, user, identity.PasswordSet, user.ID, map[string]string{"through": string(identity.ForRegistration)}); err != nil {
		return Outcome{}, err
	}
	if err := a.succeed(ctx, s, actor, organisation, before, user, registrant); err != nil {
		return Outcome{}, err
	}
	organisation.MainUserID = user.ID
	attempt := a.newSignIn(s, user, identity.WithLink)
	if !attempt.Enrolling(actor.Portal, organisation, user, s.Now) {
		return Outcome{SignInEnded: true}, nil
	}
	return a.advance(ctx, s, actor, attempt, organisation, user, isNew)
}

// awaitPlace keeps what whoever registers has chosen, and tells the one whose account it is to replace.
func (a *App) awaitPlace(ctx context.Context, s *store.Scope, actor identity.Actor, organisation identity.Organisation, before, user identity.User, registrant identity.Registrant, hash string) (Outcome, error) {
	actor.User = &user
	if err := a.saveSetUp(ctx, s, actor, organisation, user, hash, false); err != nil {
		return Outcome{}, err
	}
	if err := a.recordFrom(ctx, s, actor, user, identity.PasswordSet, user.ID, map[string]string{"through": string(identity.ForRegistration)}); err != nil {
		return Outcome{}, err
	}
	if registrant.Replaces == "" {
		registrant.Replaces, registrant.DueAt = before.ID, s.Now.Add(actor.Portal.Registration.Notice)
		if err := a.announceReplacement(ctx, s, actor, organisation, before, registrant); err != nil {
			return Outcome{}, err
		}
	}
	attempt := a.newSignIn(s, user, identity.WithRegistration)
	if !attempt.Enrolling(actor.Portal, organisation, user, s.Now) {
		registrant.ReadyAt = &s.Now
	}
	if err := s.SaveRegistrant(ctx, registrant); err != nil {
		return Outcome{}, err
	}
	return a.advance(ctx, s, actor, attempt, organisation, user, isNew)
}
