package app

import (
	"context"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/secret"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

// Sessions lists the viewer's own that are alive, the latest first.
func (a *App) Sessions(ctx context.Context, portal identity.Portal, viewer identity.Viewer) ([]identity.Session, error) {
	var alive []identity.Session
	err := a.db.Read(ctx, viewer.User.Tenant(), func(s *store.Scope) error {
		all, err := s.Sessions(ctx, viewer.User.ID)
		for _, session := range all {
			session = portal.Sessions.Timed(session)
			session.IsCurrent = session.ID == viewer.Session.ID
			if session.Alive(s.Now) {
				alive = append(alive, session)
			}
		}
		return err
	})
	return alive, err
}

// SignOut ends the session that asks.
func (a *App) SignOut(ctx context.Context, actor identity.Actor) error {
	return a.db.Within(ctx, actor.Organisation.Tenant(), func(s *store.Scope) error {
		ended, err := s.EndSession(ctx, actor.User.ID, actor.Session.ID)
		if ended {
			a.record(s, actor, *actor.Organisation, identity.SignedOut, actor.Session.ID, nil)
		}
		return err
	})
}

// RevokeSession ends another of the actor's own sessions, or the one that asks.
func (a *App) RevokeSession(ctx context.Context, actor identity.Actor, id identity.ID) error {
	return a.db.Within(ctx, actor.Organisation.Tenant(), func(s *store.Scope) error {
		ended, err := s.EndSession(ctx, actor.User.ID, id)
		if err != nil {
			return err
		}
		if !ended {
			return identity.Refuse(identity.NotFound, "input", "id")
		}
		a.record(s, actor, *actor.Organisation, identity.SessionRevoked, id, nil)
		return nil
	})
}

// Reauthenticate proves again who is behind the session: the password, and a factor where the user has one. The session
// gets a new token. Wrong passwords are counted apart from those of the sign-in page, so that nobody outside can keep
// the owner from it.
func (a *App) Reauthenticate(ctx context.Context, actor identity.Actor, password string, given *Proof) (identity.Session, Outcome, error) {
	var outcome Outcome
	session := *actor.Session
	identifiers := actor.Portal.SignIn.IdentifiersOf(*actor.Organisation, *actor.User)
	if len(identifiers) == 0 {
		return session, outcome, identity.Refuse(identity.InvalidCredentials)
	}
	subject := a.keys.MAC("reauthentication failures", []byte(actor.User.ID))
	account, proven, err := a.provePassword(ctx, actor, identifiers[0], subject, password)
	if err != nil {
		return session, outcome, err
	}
	err = a.db.Within(ctx, actor.Organisation.Tenant(), func(s *store.Scope) error {
		user, organisation, err := a.lockProven(ctx, s, account, proven)
		if err != nil {
			return err
		}
		if user.ID != actor.User.ID || user.Status() != identity.StatusActive {
			return identity.Refuse(identity.InvalidCredentials)
		}
		if session, err = a.reproveFactor(ctx, s, actor, organisation, user, given); err != nil {
			return err
		}
		if err := a.recordFrom(ctx, s, actor, user, identity.Reauthenticated, session.ID, nil); err != nil {
			return err
		}
		session.ProvenAt = s.Now
		outcome, err = a.renew(ctx, s, session)
		return err
	})
	if err != nil {
		return *actor.Session, Outcome{}, err
	}
	return session, outcome, a.db.ForgetFailures(ctx, actor.Portal.Slug, subject)
}

func (a *App) reproveFactor(ctx context.Context, s *store.Scope, actor identity.Actor, organisation identity.Organisation, user identity.User, given *Proof) (identity.Session, error) {
	session := *actor.Session
	switch {
	case !user.IsEnrolled():
		return session, nil
	case given == nil:
		return session, identity.Refuse(identity.InvalidCode, "input", "proof")
	}
	factor, err := a.proveFactor(ctx, s, actor, organisation, user, session.ID, *given)
	session.ProvenBy, session.Strength = factor.Kind, factor.Kind.Strength()
	return session, err
}

// renew notes that a session was proved now, by what it says, and gives it a new token in the place of the old one.
func (a *App) renew(ctx context.Context, s *store.Scope, session identity.Session) (Outcome, error) {
	token, err := secret.NewToken(a.random)
	if err != nil {
		return Outcome{}, err
	}
	session.ProvenAt = s.Now
	renewed, err := s.RenewSession(ctx, session, token.Hash())
	if err != nil {
		return Outcome{}, err
	}
	if !renewed {
		return Outcome{}, identity.Refuse(identity.Unauthenticated)
	}
	return Outcome{Session: &token}, nil
}
