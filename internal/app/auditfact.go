package app

import (
	"context"
	"fmt"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/secret"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

// recordAbout puts what happened to a user into the audit log, with facts about them, which are sealed: whoever destroys the
// user's keys has them forgotten. event says what happened; where it names no target, it is the user. Of somebody who was
// erased no facts are told; the user must be locked, or their organisation, so that nobody is erased meanwhile.
func (a *App) recordAbout(ctx context.Context, s *store.Scope, actor identity.Actor, user identity.User, event identity.AuditEvent, facts identity.AuditFacts) error {
	event.ID, event.Actor = a.newID(identity.KindEvent, s.Now), actor.ID()
	event.Portal, event.Organisation = user.Portal, user.OrganisationID
	if event.Target == "" {
		event.Target = user.ID
	}
	if !facts.IsEmpty() && !user.IsErased() {
		if err := a.sealFacts(ctx, s, user, &event, facts); err != nil {
			return fmt.Errorf("seal the facts of an audit event: %w", err)
		}
	}
	s.Record(event)
	return nil
}

// recordFrom is recordAbout with where the asking program is: for what shows whether it was the user, or somebody else in
// their name.
func (a *App) recordFrom(ctx context.Context, s *store.Scope, actor identity.Actor, user identity.User, action identity.Action, target identity.ID, details map[string]string) error {
	return a.recordAbout(ctx, s, actor, user, identity.AuditEvent{Action: action, Target: target, Details: details}, actor.Client.Facts())
}

func (a *App) sealFacts(ctx context.Context, s *store.Scope, user identity.User, event *identity.AuditEvent, facts identity.AuditFacts) (err error) {
	facts.User = user.ID
	if facts.Salt, err = secret.NewSalt(a.random); err != nil {
		return err
	}
	id, key, err := a.auditKeyOf(ctx, s, user)
	if err != nil {
		return err
	}
	event.KeyID, event.FactsHash = id, facts.Hash()
	event.SealedFacts = key.Seal(facts.Text(), event.FactsBoundTo())
	return nil
}

// auditKeyOf answers a user's key of this month, a new one where they had none.
func (a *App) auditKeyOf(ctx context.Context, s *store.Scope, user identity.User) (identity.ID, secret.AuditKey, error) {
	kept, err := s.AuditKey(ctx, user)
	if err != nil {
		return "", secret.AuditKey{}, err
	}
	if kept == nil {
		drawn, err := secret.NewAuditKey(a.random)
		if err != nil {
			return "", drawn, err
		}
		id := a.newID(identity.KindAuditKey, s.Now)
		added, err := s.AddAuditKey(ctx, user, store.AuditKey{ID: id, Sealed: a.keys.SealAuditKey(drawn, string(id))})
		if err != nil {
			return "", drawn, err
		}
		kept = &added
	}
	key, err := a.keys.OpenAuditKey(kept.Sealed, string(kept.ID))
	return kept.ID, key, err
}

// enrolledEvent tells of a factor that a user has now.
func enrolledEvent(user identity.User, factor identity.Factor) identity.AuditEvent {
	return identity.AuditEvent{
		Action: identity.FactorEnrolled, Target: factor.ID, Details: map[string]string{"kind": string(factor.Kind), "user": string(user.ID)},
	}
}

// recordContact tells the audit log of a change of contact that was asked for, or is in force now: from where to where.
func (a *App) recordContact(ctx context.Context, s *store.Scope, actor identity.Actor, user identity.User, action identity.Action, change store.ContactChange) error {
	before, err := a.openContact(change.SealedOld, change.ID, oldContact)
	if err != nil {
		return err
	}
	after, err := a.openContact(change.SealedNew, change.ID, newContact)
	if err != nil {
		return err
	}
	return a.recordAbout(ctx, s, actor, user, contactEvent(action, change.Kind), actor.Client.Facts().WithContact(change.Kind, before, after))
}

func contactEvent(action identity.Action, kind identity.ContactKind) identity.AuditEvent {
	return identity.AuditEvent{Action: action, Details: map[string]string{"kind": string(kind)}}
}

// opened are events with their facts. A key that doesn't open is a fault of the service's keys; facts that don't open under
// theirs were tampered with, which their chain shows, and nothing is told then.
func (a *App) opened(events []store.AuditEvent) ([]identity.AuditEvent, error) {
	all := make([]identity.AuditEvent, len(events))
	keys := map[identity.ID]secret.AuditKey{}
	for i, event := range events {
		all[i] = event.AuditEvent
		if event.SealedKey == nil {
			continue
		}
		key, known := keys[event.KeyID]
		if !known {
			var err error
			if key, err = a.keys.OpenAuditKey(event.SealedKey, string(event.KeyID)); err != nil {
				return nil, fmt.Errorf("open an audit key: %w", err)
			}
			keys[event.KeyID] = key
		}
		all[i].Facts = factsIn(key, event.AuditEvent)
	}
	return all, nil
}

func factsIn(key secret.AuditKey, event identity.AuditEvent) *identity.AuditFacts {
	text, err := key.Open(event.SealedFacts, event.FactsBoundTo())
	if err != nil {
		return nil
	}
	facts, err := identity.ReadAuditFacts(text)
	if err != nil {
		return nil
	}
	return &facts
}
