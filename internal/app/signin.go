package app

import (
	"context"
	"errors"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/secret"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

// Outcome is what a step of a sign-in came to: the next step, and what the browser's cookies become.
type Outcome struct {
	// Step is nil where nothing is owed and nobody was signed in: after choosing a password through a link.
	Step identity.Step
	// Session is the token of a session that was opened or renewed; nil: none was.
	Session *secret.Token
	// SignIn is the token of an attempt that was begun; nil: none was.
	SignIn *secret.Token
	// SignInEnded says that the attempt's cookie has had its day.
	SignInEnded bool
}

// BeginSignIn tries a name and a password. Whoever isn't let on hears INVALID_CREDENTIALS, after the same time, whether
// the name is unknown, the password wrong, or the account blocked or unfinished; TOO_MANY_ATTEMPTS comes alike too.
func (a *App) BeginSignIn(ctx context.Context, actor identity.Actor, name identity.SignInName, password string) (Outcome, error) {
	identifier, err := actor.Portal.SignIn.Read(name)
	if err != nil {
		return Outcome{}, err
	}
	subject := a.failuresOf(actor.Portal, identifier)
	account, proven, err := a.provePassword(ctx, actor, identifier, subject, password)
	if err != nil {
		return Outcome{}, err
	}
	var outcome Outcome
	tenant := identity.Tenant{Portal: actor.Portal.Slug, Organisation: account.Organisation}
	err = a.db.Within(ctx, tenant, func(s *store.Scope) error {
		user, organisation, err := a.lockProven(ctx, s, account, proven)
		if err != nil {
			return err
		}
		attempt := a.newSignIn(s, user, identity.WithPassword)
		outcome, err = a.advance(ctx, s, actor, attempt, organisation, user, isNew)
		return err
	})
	if err != nil {
		return Outcome{}, err
	}
	return outcome, errors.Join(a.db.ForgetFailures(ctx, actor.Portal.Slug, subject), a.leave(ctx, actor))
}

// leave ends the session of a browser in which somebody has just begun anew: the earlier one must not live on beside it.
func (a *App) leave(ctx context.Context, actor identity.Actor) error {
	if actor.Session == nil {
		return nil
	}
	return a.db.Within(ctx, actor.Organisation.Tenant(), func(s *store.Scope) error {
		_, err := s.EndSession(ctx, actor.User.ID, actor.Session.ID)
		return err
	})
}

func (a *App) newSignIn(s *store.Scope, user identity.User, by identity.FirstCredential) identity.SignIn {
	return identity.SignIn{
		ID: a.newID(identity.KindSignIn, s.Now), Portal: user.Portal, Organisation: user.OrganisationID, User: user.ID,
		By: by, CredentialVersion: user.CredentialVersion, BeganAt: s.Now, ExpiresAt: s.Now.Add(identity.SignInLifetime),
	}
}

// age tells whether an attempt is in the database yet.
type age bool

const (
	isNew age = true
	isOld age = false
)

// advance asks the attempt for its next step and does what the step needs: saves a new attempt that isn't over, or opens
// the session that a complete one leads to.
func (a *App) advance(ctx context.Context, s *store.Scope, actor identity.Actor, attempt identity.SignIn, organisation identity.Organisation, user identity.User, age age) (Outcome, error) {
	switch step := attempt.Next(actor.Portal, organisation, user, s.Now).(type) {
	case identity.Complete:
		return a.complete(ctx, s, actor, attempt, organisation, user, step, age)
	case identity.ReplacementPending:
		registrant, err := s.RegistrantOf(ctx, user.ID)
		step.EffectiveAt = registrant.DueAt
		return Outcome{Step: step, SignInEnded: true}, err
	case identity.RegistrationRequired:
		last, err := s.LastLinkAt(ctx, user.ID)
		step.ResendAllowedAt = s.Now
		if last != nil {
			step.ResendAllowedAt = last.Add(actor.Portal.Links.ResendPause)
		}
		return Outcome{Step: step, SignInEnded: true}, err
	default:
		outcome, err := a.keepSignIn(ctx, s, attempt, age)
		outcome.Step = step
		return outcome, err
	}
}

func (a *App) keepSignIn(ctx context.Context, s *store.Scope, attempt identity.SignIn, age age) (Outcome, error) {
	if age == isOld {
		return Outcome{}, nil
	}
	token, err := secret.NewToken(a.random)
	if err != nil {
		return Outcome{}, err
	}
	return Outcome{SignIn: &token}, s.AddSignIn(ctx, attempt, token.Hash())
}

// complete opens the session. An attempt leads to one session at most: whoever takes it away first opens it.
func (a *App) complete(ctx context.Context, s *store.Scope, actor identity.Actor, attempt identity.SignIn, organisation identity.Organisation, user identity.User, step identity.Complete, age age) (Outcome, error) {
	if err := attempt.MayOpen(); err != nil {
		return Outcome{}, err
	}
	if age == isOld {
		if won, err := s.EndSignIn(ctx, attempt.ID); err != nil || !won {
			return Outcome{}, errors.Join(err, identity.Refuse(identity.SignInExpired))
		}
	}
	token, err := secret.NewToken(a.random)
	if err != nil {
		return Outcome{}, err
	}
	session := attempt.Session()
	session.ID, session.Portal, session.Organisation, session.User = a.newID(identity.KindSession, s.Now), user.Portal, organisation.ID, user.ID
	session.UserAgent, session.IPAddress, session.IsCurrent = actor.Client.UserAgent, actor.Client.IPAddress, true
	session = actor.Portal.Sessions.Open(session, s.Now)
	if err := s.AddSession(ctx, session, token.Hash()); err != nil {
		return Outcome{}, err
	}
	user.LastSignInAt = &s.Now
	if err := s.SignedIn(ctx, user); err != nil {
		return Outcome{}, err
	}
	actor.User = &user // whoever has proved it acts as the user
	if actor.Portal.Registration.ReplacesForgottenAccount {
		if _, err := a.keepAccount(ctx, s, actor, organisation, user); err != nil {
			return Outcome{}, err
		}
	}
	if err := a.recordFrom(ctx, s, actor, user, identity.SignedIn, user.ID, signedInBy(session)); err != nil {
		return Outcome{}, err
	}
	user, organisation = session.Restrict(user, organisation)
	user = user.WithTwoFactor(actor.Portal, organisation)
	signedIn := identity.Actor{Portal: actor.Portal, At: s.Now, Session: &session, User: &user, Organisation: &organisation}
	step.Viewer, step.Session = *signedIn.Viewer(), session
	return Outcome{Step: step, Session: &token, SignInEnded: true}, nil
}

// CurrentSignIn answers the step at which the browser's sign-in stands; nil where there is none. A browser that has just come
// back from a provider hears how that went.
func (a *App) CurrentSignIn(ctx context.Context, actor identity.Actor) (identity.Step, error) {
	if actor.SignIn == nil {
		return returned(actor), nil
	}
	var step identity.Step
	err := a.db.Read(ctx, tenantOf(*actor.SignIn), func(s *store.Scope) error {
		organisation, user, err := organisationAndUser(ctx, s, actor.SignIn.Organisation, actor.SignIn.User)
		if err != nil || !actor.SignIn.Valid(user, s.Now) {
			return err
		}
		if user.Factors, err = s.Factors(ctx, user.ID); err != nil {
			return err
		}
		step = actor.SignIn.Next(actor.Portal, organisation, user, s.Now)
		if required, ok := step.(identity.FactorRequired); ok {
			required.CodeSent, err = s.CodeSent(ctx, actor.SignIn.ID)
			step = required
		}
		return err
	})
	return step, err
}

// returned is the last step of a journey to a provider; nil where the browser is back from none.
func returned(actor identity.Actor) identity.Step {
	switch {
	case actor.Refused != nil:
		return *actor.Refused
	case actor.Session != nil && actor.Session.Provider != identity.PasswordProvider &&
		actor.At.Before(actor.Session.CreatedAt.Add(identity.JourneyLifetime)):
		return identity.Complete{Viewer: *actor.Viewer(), Session: *actor.Session}
	}
	return nil
}

// VerifySignIn proves a factor. A wrong code is counted on the factor, whatever attempt it came through.
func (a *App) VerifySignIn(ctx context.Context, actor identity.Actor, given Proof) (Outcome, error) {
	var outcome Outcome
	err := a.within(ctx, actor, func(s *store.Scope, attempt identity.SignIn, organisation identity.Organisation, user identity.User) error {
		if _, needed := attempt.Next(actor.Portal, organisation, user, s.Now).(identity.FactorRequired); !needed {
			return identity.Refuse(identity.SignInExpired)
		}
		factor, err := a.proveFactor(ctx, s, actor, organisation, user, attempt.ID, given)
		if err != nil {
			return err
		}
		attempt.FactorProven = factor.Kind
		if user, err = s.LockUser(ctx, user.ID); err != nil { // whose last recovery code it may have been
			return err
		}
		outcome, err = a.advance(ctx, s, actor, attempt, organisation, user, isOld)
		return err
	})
	return outcome, err
}

// PostponeTwoFactor puts enrolment off, where the portal lets people.
func (a *App) PostponeTwoFactor(ctx context.Context, actor identity.Actor) (Outcome, error) {
	var outcome Outcome
	err := a.within(ctx, actor, func(s *store.Scope, attempt identity.SignIn, organisation identity.Organisation, user identity.User) error {
		if err := attempt.Postpone(actor.Portal, organisation, user, s.Now); err != nil {
			return err
		}
		attempt.Postponed, user.PostponedAt = true, &s.Now
		a.record(s, actor, organisation, identity.EnrolmentPostponed, user.ID, nil)
		var err error
		outcome, err = a.advance(ctx, s, actor, attempt, organisation, user, isOld)
		return err
	})
	return outcome, err
}

// CancelSignIn ends the browser's attempt.
func (a *App) CancelSignIn(ctx context.Context, actor identity.Actor) (Outcome, error) {
	if actor.SignIn == nil {
		return Outcome{SignInEnded: true}, nil
	}
	err := a.db.Within(ctx, tenantOf(*actor.SignIn), func(s *store.Scope) error {
		_, err := s.EndSignIn(ctx, actor.SignIn.ID)
		return err
	})
	return Outcome{SignInEnded: true}, err
}

// within runs work on the browser's attempt, with its user locked, where the attempt can still go on; else it refuses
// with SIGN_IN_EXPIRED.
func (a *App) within(ctx context.Context, actor identity.Actor, work func(*store.Scope, identity.SignIn, identity.Organisation, identity.User) error) error {
	if actor.SignIn == nil {
		return identity.Refuse(identity.SignInExpired)
	}
	attempt := *actor.SignIn
	return a.db.Within(ctx, tenantOf(attempt), func(s *store.Scope) error {
		organisation, err := s.Organisation(ctx, attempt.Organisation)
		if err != nil {
			return err
		}
		user, err := s.LockUser(ctx, attempt.User)
		if err != nil {
			return err
		}
		if !attempt.Valid(user, s.Now) {
			return identity.Refuse(identity.SignInExpired)
		}
		return work(s, attempt, organisation, user)
	})
}

func tenantOf(attempt identity.SignIn) identity.Tenant {
	return identity.Tenant{Portal: attempt.Portal, Organisation: attempt.Organisation}
}

func organisationAndUser(ctx context.Context, s *store.Scope, organisation, user identity.ID) (identity.Organisation, identity.User, error) {
	o, err := s.Organisation(ctx, organisation)
	if err != nil {
		return o, identity.User{}, err
	}
	u, err := s.User(ctx, user)
	return o, u, err
}
