package app

import (
	"context"
	"fmt"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/secret"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

// errand is a support action with what it is done to, behind the organisation's lock.
type errand struct {
	// actor is who moves it on: staff, the user concerned, or whoever asked for it where its time has come.
	actor        identity.Actor
	action       identity.SupportAction
	organisation identity.Organisation
	// target is the zero user where it is done to the organisation. concerned is told of it.
	target, concerned identity.User
}

// ResetFactors unlinks a user's factors: what they were stops working at once, every session and sign-in ends, and the
// next sign-in leads into enrolment. The user is told.
func (a *App) ResetFactors(ctx context.Context, actor identity.Actor, request SupportRequest) (identity.SupportAction, error) {
	return a.undertake(ctx, actor, identity.ResetFactors, request)
}

// DeactivateTwoFactor undoes an activation. Whoever hasn't registered again yet can use the old password again; whoever
// has enrolled a factor keeps it. The main user is told.
func (a *App) DeactivateTwoFactor(ctx context.Context, actor identity.Actor, request SupportRequest) (identity.SupportAction, error) {
	return a.undertake(ctx, actor, identity.DeactivateTwoFactor, request)
}

// RequestMainUserTransfer asks that another user of the organisation become its main user.
func (a *App) RequestMainUserTransfer(ctx context.Context, actor identity.Actor, request SupportRequest) (identity.SupportAction, error) {
	return a.undertake(ctx, actor, identity.TransferOfMainUser, request)
}

// RequestAccountLimit asks that an organisation get another account limit.
func (a *App) RequestAccountLimit(ctx context.Context, actor identity.Actor, request SupportRequest) (identity.SupportAction, error) {
	return a.undertake(ctx, actor, identity.ChangeAccountLimit, request)
}

// undertake starts a support action, and does it where the portal wants neither a second person nor notice. One of a kind
// is pending for a target at a time.
func (a *App) undertake(ctx context.Context, actor identity.Actor, kind identity.SupportActionKind, wanted SupportRequest) (identity.SupportAction, error) {
	if err := identity.CheckGrounds(wanted.Reason, wanted.Ticket); err != nil {
		return identity.SupportAction{}, err
	}
	var action identity.SupportAction
	err := once(ctx, a, actor, wanted.asked(kind), &action, func(s *store.Scope) error {
		asked := identity.SupportAction{Kind: kind, Target: wanted.Target, AccountMaximum: wanted.AccountMaximum}
		e := errand{actor: actor, action: asked}
		if err := a.lockErrand(ctx, s, &e); err != nil {
			return at(err, "input", "id")
		}
		if err := e.check(); err != nil {
			return err
		}
		var err error
		e.action = a.newAction(s, e.organisation, kind, wanted, e.concerned.ID)
		if e.action, err = e.action.Next(identity.Request, requesterOf(actor), actor.Portal.Support, s.Now); err != nil {
			return err
		}
		action = e.action
		if err := s.AddSupportAction(ctx, action); err != nil {
			return err
		}
		if action.State != identity.Done {
			a.record(s, actor, e.organisation, identity.SupportActionRequested, action.Target, e.facts())
		}
		return a.follow(ctx, s, e)
	})
	return action, err
}

// check decides whether the actor may do such a thing to its target, and whether it can be done.
func (e errand) check() error {
	if e.target.ID != "" {
		removed := e.target.Registration == identity.Removed
		if removed && !e.action.Kind.Erases() || !e.actor.Sees(e.target) {
			return identity.Refuse(identity.NotFound, "input", "id")
		}
		if err := e.actor.CheckManage(e.target); err != nil {
			return err // among staff an administrator decides
		}
	} else if err := e.actor.CheckDisposes(e.action.Kind, e.organisation); err != nil {
		return err
	}
	return e.action.Check(e.organisation, e.target)
}

// facts are what the audit log tells of an action that isn't done yet.
func (e errand) facts() map[string]string {
	facts := factsOf(e.action)
	facts["kind"] = string(e.action.Kind)
	if e.action.Cancellation != "" {
		facts["cancellation"] = string(e.action.Cancellation)
	}
	return facts
}

// lockErrand loads what an action is done to, behind the organisation's lock and the target's.
func (a *App) lockErrand(ctx context.Context, s *store.Scope, e *errand) (err error) {
	lock, named := s.LockOrganisation, e.action.Target
	if e.action.Kind.Erases() || e.action.Kind == identity.RemoveCustomer {
		lock = s.LockAnyOrganisation
	}
	ofUser := named.Kind() == identity.KindUser
	if ofUser {
		seen, err := s.User(ctx, named)
		if err != nil {
			return err
		}
		named = seen.OrganisationID
	}
	if e.organisation, err = lock(ctx, named); err != nil {
		return err
	}
	if ofUser {
		if e.target, err = s.LockUser(ctx, e.action.Target); err != nil {
			return err
		}
	}
	switch {
	case e.action.Concerned != "":
		e.concerned, err = s.User(ctx, e.action.Concerned)
	case e.action.Kind == identity.ResetFactors, e.action.Kind == identity.EraseAccount:
		e.concerned = e.target
	default:
		e.concerned, err = s.User(ctx, e.organisation.MainUserID)
	}
	return err
}

// follow does what an action's new state asks for: it tells the user what is coming, or does it.
func (a *App) follow(ctx context.Context, s *store.Scope, e errand) error {
	switch e.action.State {
	case identity.Scheduled:
		return a.announce(ctx, s, e)
	case identity.Done:
		return a.carryOut(ctx, s, e)
	}
	return nil
}

// announce tells the user concerned what is coming and when, with a link that stops it: whoever asked may be an impostor,
// and the user may not be able to sign in.
func (a *App) announce(ctx context.Context, s *store.Scope, e errand) error {
	if e.concerned.Email == "" {
		return nil // their page shows it all the same
	}
	token, err := secret.NewToken(a.random)
	if err != nil {
		return err
	}
	link := identity.Link{
		ID: a.newID(identity.KindLink, s.Now), Portal: e.organisation.Portal, Organisation: e.organisation.ID,
		User: e.concerned.ID, Purpose: identity.ForStopping, Action: e.action.ID, CreatedAt: s.Now, ExpiresAt: *e.action.EffectiveAt,
	}
	message := e.action.Kind.Announcement().To(e.actor.Portal, e.organisation, e.concerned)
	message.ID, message.ExpiresAt = a.newID(identity.KindMessage, s.Now), &link.ExpiresAt
	s.Tell(message, a.keys.Seal([]byte(token.Reveal()), []byte(message.ID)))
	return s.AddLinks(ctx, store.HashedLink{Link: link, TokenHash: token.Hash()})
}

// carryOut does it, tells whom it concerns, and ends the link that could have stopped it.
func (a *App) carryOut(ctx context.Context, s *store.Scope, e errand) error {
	if err := s.RevokeStopLinks(ctx, e.concerned.ID, e.action.ID); err != nil {
		return err
	}
	switch e.action.Kind {
	case identity.ResetFactors:
		return a.resetFactors(ctx, s, e)
	case identity.TransferOfMainUser:
		_, _, err := a.handOver(ctx, s, e.actor, e.organisation, e.target, factsOf(e.action))
		return err
	case identity.ChangeAccountLimit:
		e.organisation.AccountMaximum = e.action.AccountMaximum
		a.tell(s, e.actor, e.organisation, e.concerned, identity.AccountLimitChangedMessage)
		a.record(s, e.actor, e.organisation, identity.OrganisationUpdated, e.organisation.ID, factsOf(e.action))
		return s.SaveOrganisation(ctx, e.organisation)
	case identity.DeactivateTwoFactor:
		return a.undoActivation(ctx, s, e)
	case identity.EraseAccount:
		return a.eraseUser(ctx, s, e)
	case identity.RemoveCustomer:
		return a.removeOrganisation(ctx, s, e)
	case identity.EraseCustomer:
		return a.eraseOrganisation(ctx, s, e)
	}
	return fmt.Errorf("carry out a support action: nothing is known of %s", e.action.Kind)
}

func (a *App) resetFactors(ctx context.Context, s *store.Scope, e errand) error {
	user := e.target
	user.CredentialVersion++
	user.PasswordResetAt = nil // the desk has made sure who it is
	user.EnrolmentOwed, user.Factors, user.FactorKinds = identity.ByFactorReset, nil, nil
	if err := s.SaveUser(ctx, user); err != nil {
		return err
	}
	if err := s.RemoveFactors(ctx, user.ID); err != nil {
		return err
	}
	if err := shutOut(ctx, s, user); err != nil {
		return err
	}
	a.tell(s, e.actor, e.organisation, user, identity.FactorsResetMessage)
	a.record(s, e.actor, e.organisation, identity.FactorsReset, user.ID, factsOf(e.action))
	return nil
}

func (a *App) undoActivation(ctx context.Context, s *store.Scope, e errand) error {
	e.organisation.TwoFactorActivatedAt = nil
	if err := s.SaveOrganisation(ctx, e.organisation); err != nil {
		return err
	}
	if err := s.UndoReRegistration(ctx, e.organisation.ID); err != nil {
		return err
	}
	a.tell(s, e.actor, e.organisation, e.concerned, identity.TwoFactorUndoneMessage)
	a.record(s, e.actor, e.organisation, identity.TwoFactorDeactivated, e.organisation.ID, factsOf(e.action))
	return nil
}
