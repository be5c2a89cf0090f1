package app

import (
	"context"
	"maps"
	"strconv"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

// RemoveOrganisation ends an organisation, its users, and all that works in its name, at once and for good; to remove it once
// more changes nothing. What others can have from then on is free: its code, KVK numbers, policy numbers. By staff it is a
// support action, which may wait for a second person; nil for everybody else.
func (a *App) RemoveOrganisation(ctx context.Context, actor identity.Actor, id identity.ID, grounds Grounds) (identity.Organisation, *identity.SupportAction, error) {
	action, err := a.dispose(ctx, actor, identity.RemoveCustomer, id, grounds)
	if err != nil {
		return identity.Organisation{}, nil, err
	}
	var organisation identity.Organisation
	err = a.db.Read(ctx, actor.Tenant(), func(s *store.Scope) (err error) {
		organisation, err = s.Organisation(ctx, id)
		return err
	})
	return organisation, action, err
}

// removeOrganisation does it, behind the organisation's lock. Its main user becomes nobody: an organisation is never without one.
func (a *App) removeOrganisation(ctx context.Context, s *store.Scope, e errand) error {
	if err := a.lapse(ctx, s, e); err != nil {
		return err
	}
	organisation := e.organisation
	nobody := vacancy(e.actor.Portal, organisation)
	nobody.ID, nobody.DisplayName, nobody.CreatedAt = a.newID(identity.KindUser, s.Now), "", s.Now
	if err := s.AddUser(ctx, nobody); err != nil {
		return err
	}
	organisation.MainUserID, organisation.Code, organisation.RemovedAt = nobody.ID, nil, &s.Now
	if err := s.SaveOrganisation(ctx, organisation); err != nil {
		return err
	}
	users, err := s.RemoveUsers(ctx, organisation.ID, nobody.ID)
	if err != nil {
		return err
	}
	facts := map[string]string{"users": strconv.Itoa(users)}
	maps.Copy(facts, e.grounds())
	a.record(s, e.actor, organisation, identity.OrganisationRemoved, organisation.ID, facts)
	return a.endWorkOf(ctx, s, e.actor, organisation)
}

// endWorkOf ends what works in an organisation's name, and frees what no other can have meanwhile.
func (a *App) endWorkOf(ctx context.Context, s *store.Scope, actor identity.Actor, organisation identity.Organisation) error {
	tokens, err := s.RevokeAPITokensFor(ctx, organisation.ID)
	if err != nil {
		return err
	}
	for _, token := range tokens {
		a.recordToken(s, actor, organisation, token, identity.APITokenRevoked, nil)
	}
	businesses, err := s.BusinessIdentities(ctx, organisation.ID)
	if err != nil {
		return err
	}
	for _, business := range businesses {
		a.recordBusiness(s, actor, organisation, identity.BusinessRemoved, business)
	}
	return s.ReleaseOrganisation(ctx, organisation.ID)
}

// lapse gives up what was asked for in the organisation besides.
func (a *App) lapse(ctx context.Context, s *store.Scope, e errand) error {
	others, err := s.PendingSupportActionsIn(ctx, e.organisation.ID, e.action.ID)
	if err != nil {
		return err
	}
	for _, action := range others {
		if action.Kind.Erases() {
			continue // of somebody who was removed before
		}
		before := action
		if action, err = before.Next(identity.Lapse, identity.TheClock, e.actor.Portal.Support, s.Now); err != nil {
			return err
		}
		if err := move(ctx, s, action, before); err != nil {
			return err
		}
		facts := errand{action: action}.facts()
		a.record(s, e.actor, e.organisation, identity.SupportActionCancelled, action.Target, facts)
	}
	return nil
}

// grounds are what the audit log tells of why it was done; nothing where it was no support action.
func (e errand) grounds() map[string]string {
	if e.action.ID == "" {
		return nil
	}
	return factsOf(e.action)
}
