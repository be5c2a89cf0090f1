package app

import (
	"context"
	"strings"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

// BusinessIdentities lists the businesses that each of several organisations is, by their KVK numbers.
func (a *App) BusinessIdentities(ctx context.Context, of []identity.Organisation) (map[identity.ID][]identity.BusinessIdentity, error) {
	return readOf(ctx, a, of, func(s *store.Scope, ids []identity.ID) (map[identity.ID][]identity.BusinessIdentity, error) {
		return s.BusinessIdentitiesOf(ctx, ids)
	})
}

func (a *App) businessSeen(ctx context.Context, actor identity.Actor, id identity.ID) (*identity.BusinessIdentity, error) {
	var business identity.BusinessIdentity
	err := a.db.Read(ctx, actor.Tenant(), func(s *store.Scope) (err error) {
		business, err = s.BusinessIdentity(ctx, id)
		return err
	})
	return visible(&business, err, true) // to whoever sees the organisation
}

// identify gives an organisation business identities. The trade register is asked about them after the commit.
func (a *App) identify(ctx context.Context, s *store.Scope, actor identity.Actor, organisation identity.Organisation, businesses []identity.NamedBusiness) error {
	for _, named := range businesses {
		business := organisation.Identify(a.newID(identity.KindBusiness, s.Now), named, s.Now)
		if err := s.AddBusinessIdentity(ctx, business); err != nil {
			return err
		}
		a.recordBusiness(s, actor, organisation, identity.BusinessAdded, business)
	}
	return nil
}

// reidentify makes an organisation exactly those businesses. The organisation must be locked.
func (a *App) reidentify(ctx context.Context, s *store.Scope, actor identity.Actor, organisation identity.Organisation, wanted []identity.NamedBusiness) error {
	const input, field = "input", "businessIdentities"
	if err := actor.CheckIdentifies(organisation, input, field); err != nil {
		return err
	}
	if err := identity.CheckBusinesses(wanted, input, field); err != nil {
		return err
	}
	has, err := s.BusinessIdentities(ctx, organisation.ID)
	if err != nil {
		return err
	}
	changes := identity.ChangeBusinesses(has, wanted)
	for _, business := range changes.Removed {
		if err := s.RemoveBusinessIdentity(ctx, business.ID); err != nil {
			return err
		}
		a.recordBusiness(s, actor, organisation, identity.BusinessRemoved, business)
	}
	for _, business := range changes.Changed {
		if err := s.SaveEstablishments(ctx, business); err != nil {
			return err
		}
		a.recordBusiness(s, actor, organisation, identity.BusinessChanged, business)
	}
	return a.identify(ctx, s, actor, organisation, changes.Added)
}

// recordBusiness puts into the audit log what the number is for: its row may be gone when somebody asks.
func (a *App) recordBusiness(s *store.Scope, actor identity.Actor, organisation identity.Organisation, action identity.Action, business identity.BusinessIdentity) {
	details := map[string]string{"kvkNumber": string(business.KVKNumber)}
	if action != identity.BusinessRemoved && len(business.EstablishmentNumbers) > 0 {
		numbers := make([]string, len(business.EstablishmentNumbers))
		for i, number := range business.EstablishmentNumbers {
			numbers[i] = string(number)
		}
		details["establishmentNumbers"] = strings.Join(numbers, " ")
	}
	a.record(s, actor, organisation, action, business.ID, details)
}
