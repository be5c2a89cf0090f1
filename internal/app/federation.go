package app

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/url"
	"strings"

	"github.com/sleutelbos/sleutelbos/internal/federation"
	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/secret"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

// Departure is how a browser sets out to a provider.
type Departure struct {
	// URL is where it goes.
	URL string
	// Browser is what it keeps meanwhile, and shows at the return, which is below Path.
	Browser secret.Token
	Path    string
}

// passage is what is needed at the end of a journey.
type passage struct {
	Request  federation.Request
	ReturnTo string
	// Invitation is what the person brought along; nil: nothing.
	Invitation *identity.Link
}

// BeginBusinessSignIn sends a browser to an identification provider. The session that the browser had ends: whoever comes
// back is somebody else, or the same person with fresh proof. Invitation is the token of an invitation, "" for none; one
// that doesn't open is refused (TOKEN_INVALID) before anybody leaves. It is used up when the person is back.
func (a *App) BeginBusinessSignIn(ctx context.Context, actor identity.Actor, provider, returnTo, invitation string) (Departure, error) {
	broker := a.brokers[actor.Portal.Slug][provider]
	if broker == nil {
		return Departure{}, identity.Refuse(identity.NotFound, "input", "provider")
	}
	if err := identity.CheckReturnPath(returnTo, "input", "returnTo"); err != nil {
		return Departure{}, err
	}
	link, err := a.bringInvitation(ctx, actor.Portal, invitation)
	if err != nil {
		return Departure{}, err
	}
	now, err := a.db.Now(ctx)
	if err != nil {
		return Departure{}, err
	}
	request, address, err := broker.Begin(ctx, now, a.random)
	if err != nil {
		a.tellUnidentified(ctx, provider, err)
		return Departure{}, err
	}
	browser, err := secret.NewToken(a.random)
	if err != nil {
		return Departure{}, err
	}
	journey := store.SealedJourney{BrowserHash: browser.Hash(), Journey: identity.Journey{
		ID: a.newID(identity.KindJourney, now), Portal: actor.Portal.Slug, Provider: provider, ExpiresAt: now.Add(identity.JourneyLifetime),
	}}
	text, err := json.Marshal(passage{request, returnTo, link})
	if err != nil {
		return Departure{}, err
	}
	journey.Sealed = a.keys.Seal(text, []byte(journey.ID))
	if err := a.db.AddJourney(ctx, journey, request.State); err != nil {
		return Departure{}, err
	}
	return Departure{URL: address, Browser: browser, Path: broker.ReturnPath()}, a.leave(ctx, actor)
}

// Arrival is a browser that is back from a provider.
type Arrival struct {
	// Path is where it arrived, behind the portal's prefix.
	Path string
	// Browser is what it kept meanwhile, and Brought are the parameters that it was sent back with.
	Browser string
	Brought url.Values
}

// ReturnFromProvider is the end of a journey: it reads what the browser brought back, and signs in whoever it tells of, or
// notes why not for currentSignIn. It answers the path of the application to go on at. A return that belongs to no journey of
// this browser changes nothing.
func (a *App) ReturnFromProvider(ctx context.Context, actor identity.Actor, arrival Arrival) (Outcome, string, error) {
	provider, _ := actor.Portal.ProviderAt(arrival.Path)
	broker := a.brokers[actor.Portal.Slug][provider.Name]
	token, err := secret.ParseToken(arrival.Browser)
	if broker == nil || err != nil || len(arrival.Brought[broker.StateName()]) != 1 {
		return Outcome{}, actor.Portal.SPA.SignInPath, nil
	}
	state := arrival.Brought.Get(broker.StateName())
	journey, now, found, err := a.db.EndJourney(ctx, actor.Portal.Slug, provider.Name, state, token.Hash())
	if err != nil || !found {
		return Outcome{}, actor.Portal.SPA.SignInPath, err
	}
	text, err := a.keys.Open(journey.Sealed, []byte(journey.ID))
	if err != nil {
		return Outcome{}, "", err
	}
	var to passage
	if err := json.Unmarshal(text, &to); err != nil {
		return Outcome{}, "", err
	}
	assertion, err := broker.Finish(ctx, to.Request, arrival.Brought, now)
	if err == nil {
		var outcome Outcome
		if outcome, err = a.admit(ctx, actor, assertion, to.Invitation); err == nil {
			return outcome, to.ReturnTo, nil
		}
	} else {
		err = errors.Join(err, a.recordUnidentified(ctx, actor, provider.Name, err))
	}
	outcome, err := a.refuse(ctx, journey.Journey, err)
	return outcome, to.ReturnTo, err
}

// refuse notes how a journey ended. A fault stays one.
func (a *App) refuse(ctx context.Context, journey identity.Journey, err error) (Outcome, error) {
	refusals, ok := identity.Refusals(err)
	if !ok {
		return Outcome{}, err
	}
	a.tellUnidentified(ctx, journey.Provider, err)
	token, err := secret.NewToken(a.random)
	if err != nil {
		return Outcome{}, err
	}
	refused := identity.Unadmitted{Code: refusals[0].Code, Comparisons: refusals[0].Comparisons}
	return Outcome{SignIn: &token}, a.db.RefuseJourney(ctx, journey, refused, token.Hash())
}

// tellUnidentified writes down why a provider's word was not taken: one of the fixed words of package federation.
func (a *App) tellUnidentified(ctx context.Context, provider string, err error) {
	if unidentified, is := errors.AsType[*identity.Unidentified](err); is {
		a.log.LogAttrs(ctx, slog.LevelInfo, "not identified", slog.String("provider", provider), slog.String("reason", unidentified.Reason))
	}
}

// admit signs in whoever an assertion tells of, once.
func (a *App) admit(ctx context.Context, actor identity.Actor, assertion identity.Assertion, invitation *identity.Link) (Outcome, error) {
	provider, known := actor.Portal.Provider(assertion.Provider)
	if !known {
		return Outcome{}, identity.Refuse(identity.IdentificationFailed)
	}
	if first, err := a.db.UseAssertion(ctx, actor.Portal.Slug, assertion); err != nil || !first {
		return Outcome{}, errors.Join(err, &identity.Unidentified{Code: identity.IdentificationFailed, Reason: "replayed"})
	}
	if provider.Identifies == identity.Persons {
		return a.admitPerson(ctx, actor, provider, assertion)
	}
	customer, err := a.db.OrganisationWithKVK(ctx, actor.Portal.Slug, assertion.KVKNumber)
	if err != nil {
		return Outcome{}, err
	}
	if customer == "" {
		_, err := provider.Admit(assertion, nil, nil, "")
		return Outcome{}, err
	}
	var outcome Outcome
	tenant := identity.Tenant{Portal: actor.Portal.Slug, Organisation: customer}
	err = a.db.Within(ctx, tenant, func(s *store.Scope) error {
		organisation, err := s.LockOrganisation(ctx, customer) // so that nobody becomes two users
		if err != nil {
			return err
		}
		user, err := a.match(ctx, s, actor, provider, organisation, assertion, invitation)
		if err != nil {
			return err
		}
		outcome, err = a.bringIn(ctx, s, actor, provider, organisation, user, assertion)
		return err
	})
	return outcome, errors.Join(err, a.recordRefusal(ctx, actor, tenant, assertion, err))
}

// bringIn opens the session of somebody whom a provider identified as the user.
func (a *App) bringIn(ctx context.Context, s *store.Scope, actor identity.Actor, provider identity.Provider, organisation identity.Organisation, user identity.User, assertion identity.Assertion) (Outcome, error) {
	worth := provider.Worth(assertion)
	if err := actor.Portal.TwoFactor.CheckWorth(worth, organisation, user, s.Now); err != nil {
		return Outcome{}, err
	}
	attempt := a.newSignIn(s, user, identity.WithProvider)
	attempt.Assertion, attempt.Worth = &assertion, worth
	return a.advance(ctx, s, actor, attempt, organisation, user, isNew)
}

// match finds the user that an assertion is about, or makes one where the provider's policy lets it.
func (a *App) match(ctx context.Context, s *store.Scope, actor identity.Actor, provider identity.Provider, organisation identity.Organisation, assertion identity.Assertion, invitation *identity.Link) (identity.User, error) {
	business, err := businessWith(ctx, s, organisation, assertion.KVKNumber)
	if err != nil {
		return identity.User{}, err
	}
	known, err := s.FederatedUser(ctx, assertion)
	if err != nil {
		return identity.User{}, err
	}
	admission, err := provider.Admit(assertion, &identity.Customer{Organisation: organisation, Business: business}, known, invitedTo(invitation))
	switch {
	case err != nil:
		return identity.User{}, err
	case admission.Way == identity.AsKnown:
		return *known, known.CheckProvided()
	case admission.Way == identity.AsInvited:
		return a.redeem(ctx, s, actor, organisation, *invitation, assertion)
	}
	user := identity.ByProvider(assertion, admission, business, a.newID(identity.KindUser, s.Now), s.Now)
	user.Language = actor.Portal.Speak(actor.Client.Language)
	if err := s.AddUser(ctx, user); err != nil {
		return user, err
	}
	if err := s.AddFederatedIdentity(ctx, user, assertion); err != nil {
		return user, err
	}
	event := identity.AuditEvent{Action: identity.UserCreated, Details: map[string]string{"provider": assertion.Provider}}
	if err := a.recordAbout(ctx, s, actor, user, event, identity.Introduced(user)); err != nil {
		return user, err
	}
	if admission.Way != identity.PendingApproval {
		return user, nil
	}
	main, err := s.User(ctx, organisation.MainUserID)
	if err != nil {
		return user, err
	}
	a.tell(s, actor, organisation, main, identity.ApprovalAskedMessage)
	return user, store.Keep(user.CheckProvided())
}

// businessWith answers the organisation's business identity with that number, or an empty one where it has none.
func businessWith(ctx context.Context, s *store.Scope, organisation identity.Organisation, number identity.KVKNumber) (identity.BusinessIdentity, error) {
	all, err := s.BusinessIdentities(ctx, organisation.ID)
	for _, one := range all {
		if one.KVKNumber == number {
			return one, err
		}
	}
	return identity.BusinessIdentity{}, err
}

// signedInBy tells the audit log how a session began.
func signedInBy(session identity.Session) map[string]string {
	details := map[string]string{"strength": string(session.Strength)}
	if session.Provider != identity.PasswordProvider {
		details["provider"] = session.Provider
	}
	if session.AssuranceLevel == nil {
		return details
	}
	details["assuranceLevel"] = string(*session.AssuranceLevel)
	details["kvkNumber"] = string(session.KVKNumber)
	if session.Intermediary != nil {
		details["intermediary"] = string(*session.Intermediary)
	}
	if len(session.EstablishmentScope) > 0 {
		numbers := make([]string, len(session.EstablishmentScope))
		for i, number := range session.EstablishmentScope {
			numbers[i] = string(number)
		}
		details["establishments"] = strings.Join(numbers, " ")
	}
	return details
}

// ApproveUser lets somebody in who came through an identification provider and waits for it.
func (a *App) ApproveUser(ctx context.Context, actor identity.Actor, id identity.ID) (identity.User, error) {
	return a.onUser(ctx, actor, id, func(s *store.Scope, organisation identity.Organisation, user identity.User) (identity.User, error) {
		if err := user.CheckApproval(); err != nil {
			return user, err
		}
		user.Registration = identity.Registered
		a.record(s, actor, organisation, identity.UserApproved, user.ID, nil)
		return user, s.SaveUser(ctx, user)
	})
}
