package app

import (
	"context"
	"errors"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

// visible answers what was loaded, or nil where it isn't there or the actor may not see it: both look the same.
func visible[T any](loaded *T, err error, mayBeSeen bool) (*T, error) {
	switch {
	case errors.Is(err, identity.Refuse(identity.NotFound)):
		return nil, nil
	case err != nil:
		return nil, err
	case !mayBeSeen:
		return nil, nil
	}
	return loaded, nil
}

func ignoreNotFound(err error) error {
	if errors.Is(err, identity.Refuse(identity.NotFound)) {
		return nil
	}
	return err
}

// Organisation loads the one with that id, or the actor's own; nil for one that the actor may not see, as for one that
// doesn't exist.
func (a *App) Organisation(ctx context.Context, actor identity.Actor, id *identity.ID) (*identity.Organisation, error) {
	named, err := pick(actor, id)
	if err != nil {
		return nil, nil
	}
	if actor.Organisation != nil && named == actor.Organisation.ID {
		return actor.Organisation, nil
	}
	var organisation identity.Organisation
	err = a.db.Read(ctx, actor.Tenant(), func(s *store.Scope) error {
		organisation, err = s.Organisation(ctx, named)
		return err
	})
	return visible(&organisation, err, actor.Token == nil || !organisation.IsOperator)
}

// Organisations lists the customer organisations that the actor may see.
func (a *App) Organisations(ctx context.Context, actor identity.Actor, filter identity.OrganisationFilter, order identity.OrganisationOrder, page identity.Page) (identity.Slice[identity.Organisation], error) {
	var organisations identity.Slice[identity.Organisation]
	if err := filter.Check(); err != nil {
		return organisations, err
	}
	err := a.db.Read(ctx, actor.Tenant(), func(s *store.Scope) error {
		var err error
		organisations, err = s.Organisations(ctx, filter, order, page)
		return err
	})
	return organisations, err
}

// CountOrganisations counts what Organisations lists.
func (a *App) CountOrganisations(ctx context.Context, actor identity.Actor, filter identity.OrganisationFilter) (int, error) {
	var count int
	err := a.db.Read(ctx, actor.Tenant(), func(s *store.Scope) error {
		var err error
		count, err = s.CountOrganisations(ctx, filter)
		return err
	})
	return count, err
}

// MainUsers loads those who answer for organisations.
func (a *App) MainUsers(ctx context.Context, actor identity.Actor, of []identity.Organisation) (map[identity.ID]identity.User, error) {
	found, err := readOf(ctx, a, of, func(s *store.Scope, ids []identity.ID) (map[identity.ID]identity.User, error) {
		return s.MainUsersOf(ctx, ids)
	})
	for _, organisation := range of {
		if user, is := found[organisation.ID]; is {
			found[organisation.ID] = user.WithTwoFactor(actor.Portal, organisation)
		}
	}
	return found, err
}

// AccountLimits tells how many accounts each of several organisations may have, and has.
func (a *App) AccountLimits(ctx context.Context, of []identity.Organisation) (map[identity.ID]identity.AccountLimit, error) {
	used, err := readOf(ctx, a, of, func(s *store.Scope, ids []identity.ID) (map[identity.ID]int, error) {
		return s.AccountsInUseOf(ctx, ids)
	})
	limits := make(map[identity.ID]identity.AccountLimit, len(of))
	for _, organisation := range of {
		limits[organisation.ID] = identity.AccountLimit{Maximum: organisation.AccountMaximum, Used: used[organisation.ID]}
	}
	return limits, err
}

// NewOrganisation is a customer organisation to be created, with the person who will answer for it.
type NewOrganisation struct {
	Name string
	Code *string
	// AccountLimit is nil for the portal's own.
	AccountLimit *int
	// Businesses leave no trace in the digest of a request without them: a key given before an upgrade still fits after it.
	Businesses []identity.NamedBusiness `json:",omitempty"`
	// PolicyNumbers leave none either.
	PolicyNumbers []string `json:",omitempty"`
	// Person is who the customer is, where it is a private one: its main user.
	Person *PrivatePerson `json:"-"`
	// PersonMAC stands for them in the digest of the request, which must not tell of them.
	PersonMAC []byte `json:",omitempty"`
	// MainUser is nil where whoever registers with a policy number is to be the main user, and for a private customer.
	MainUser       *Invitee
	IdempotencyKey *string
}

// CreateOrganisation makes an organisation and invites its main user. Sent again, it answers with the organisation as it has
// become, for so are the lists and counts that are asked for with it.
func (a *App) CreateOrganisation(ctx context.Context, actor identity.Actor, wanted NewOrganisation) (identity.Organisation, error) {
	if err := wanted.clean(actor.Portal); err != nil {
		return identity.Organisation{}, err
	}
	if actor.Tenant().Organisation != identity.WholePortal {
		return identity.Organisation{}, identity.Refuse(identity.Forbidden) // a token of one organisation makes no others
	}
	wanted.PersonMAC = a.macOf(actor.Portal, wanted.Person)
	var organisation identity.Organisation
	isNew := false
	asked := request{operation: "createOrganisation", key: wanted.IdempotencyKey, input: wanted}
	err := once(ctx, a, actor, asked, &organisation, func(s *store.Scope) error {
		isNew, organisation = true, a.newOrganisation(s, actor, wanted)
		return a.found(ctx, s, actor, organisation, wanted)
	})
	if err != nil || isNew {
		return organisation, err
	}
	err = a.db.Read(ctx, actor.Tenant(), func(s *store.Scope) error {
		organisation, err = s.Organisation(ctx, organisation.ID)
		return err
	})
	return organisation, err
}

func (a *App) newOrganisation(s *store.Scope, actor identity.Actor, wanted NewOrganisation) identity.Organisation {
	return identity.Organisation{
		ID: a.newID(identity.KindOrganisation, s.Now), Portal: actor.Portal.Slug, Name: wanted.Name, Code: wanted.Code,
		MainUserID: a.newID(identity.KindUser, s.Now), IsPrivate: wanted.Person != nil, AccountMaximum: wanted.AccountLimit, CreatedAt: s.Now,
	}
}

func (wanted *NewOrganisation) clean(portal identity.Portal) (err error) {
	if wanted.Name, err = identity.CleanName(wanted.Name, "input", "name"); err != nil {
		return err
	}
	if wanted.Code != nil {
		code, err := identity.CleanOrganisationCode(*wanted.Code, "input", "code")
		if err != nil {
			return err
		}
		wanted.Code = &code
	} else if portal.SignIn.Names(identity.ByOrganisationCodeAndUsername) {
		return identity.Refuse(identity.InvalidInput, "input", "code") // nobody could name themselves
	}
	if err := identity.CheckAccountMaximum(wanted.AccountLimit, "input", "accountLimit"); err != nil {
		return err
	}
	if err := identity.CheckBusinesses(wanted.Businesses, "input", "businessIdentities"); err != nil {
		return err
	}
	if wanted.Person != nil {
		return wanted.cleanPerson(portal)
	}
	if wanted.AccountLimit == nil {
		wanted.AccountLimit = portal.Accounts.LimitPerOrganisation
	}
	if wanted.MainUser == nil {
		if portal.Registration.Check() != nil || len(wanted.PolicyNumbers) == 0 {
			return identity.Refuse(identity.InvalidInput, "input", "mainUser") // nobody could ever come in
		}
		return nil
	}
	return wanted.MainUser.clean(portal, "input", "mainUser")
}

// found saves a new organisation with its business identities, and invites its main user.
func (a *App) found(ctx context.Context, s *store.Scope, actor identity.Actor, organisation identity.Organisation, wanted NewOrganisation) error {
	if err := s.AddOrganisation(ctx, organisation); err != nil {
		return err
	}
	a.record(s, actor, organisation, identity.OrganisationCreated, organisation.ID, nil)
	if err := a.identify(ctx, s, actor, organisation, wanted.Businesses); err != nil {
		return err
	}
	if len(wanted.PolicyNumbers) > 0 {
		if err := a.insure(ctx, s, actor, organisation, wanted.PolicyNumbers); err != nil {
			return err
		}
	}
	if wanted.Person != nil {
		return a.foundPerson(ctx, s, actor, organisation, *wanted.Person)
	}
	if wanted.MainUser == nil {
		return s.AddUser(ctx, vacancy(actor.Portal, organisation))
	}
	mainUser := *wanted.MainUser
	if mainUser.Role == "" {
		mainUser.Role = identity.SuperSubUser // what remains of a main user who hands over
	}
	_, err := a.invite(ctx, s, actor, organisation, organisation.MainUserID, a.newID(identity.KindInvitation, s.Now), mainUser)
	return err
}

// vacancy is the main user of an organisation in which nobody has registered yet: a user without a mailbox, who can't sign
// in and counts for no account, so that the organisation is never without one.
func vacancy(portal identity.Portal, organisation identity.Organisation) identity.User {
	return identity.User{
		ID: organisation.MainUserID, Portal: organisation.Portal, OrganisationID: organisation.ID, DisplayName: organisation.Name,
		Role: identity.SuperSubUser, Registration: identity.Invited, CreatedAt: organisation.CreatedAt, CredentialVersion: 1,
		Language: portal.Speak(),
	}
}

// OrganisationChange is what becomes of an organisation; what is nil stays.
type OrganisationChange struct {
	ID   identity.ID
	Name *string
	// AccountLimit, where ChangeLimit says so, becomes the limit; nil then: none.
	ChangeLimit  bool
	AccountLimit *int
	// Businesses are all that it shall be; nil: those that it is.
	Businesses []identity.NamedBusiness
	// PolicyNumbers are all that it shall have; nil: those that it has.
	PolicyNumbers []string
	// Person is all that is known of a private customer from now on; nil: what was.
	Person *PrivatePerson
}

// UpdateOrganisation changes a name, an account limit, business identities, policy numbers or the record of a
// private customer. A limit below what is in use
// removes nobody and admits nobody.
func (a *App) UpdateOrganisation(ctx context.Context, actor identity.Actor, change OrganisationChange) (identity.Organisation, error) {
	var organisation identity.Organisation
	err := a.db.Within(ctx, actor.Tenant(), func(s *store.Scope) error {
		var err error
		if organisation, err = s.LockOrganisation(ctx, change.ID); err != nil {
			return at(err, "input", "id")
		}
		if organisation.IsOperator && actor.Token != nil {
			return identity.Refuse(identity.NotFound, "input", "id")
		}
		if err := change.apply(actor, &organisation); err != nil {
			return err
		}
		if change.Businesses != nil {
			if err := a.reidentify(ctx, s, actor, organisation, change.Businesses); err != nil {
				return err
			}
		}
		if change.PolicyNumbers != nil {
			if err := a.insure(ctx, s, actor, organisation, change.PolicyNumbers); err != nil {
				return err
			}
		}
		if change.Person != nil {
			if err := a.rewrite(ctx, s, actor, organisation, *change.Person); err != nil {
				return err
			}
		}
		a.record(s, actor, organisation, identity.OrganisationUpdated, organisation.ID, nil)
		return s.SaveOrganisation(ctx, organisation)
	})
	return organisation, err
}

// apply changes what stands in the organisation's own row.
func (change OrganisationChange) apply(actor identity.Actor, organisation *identity.Organisation) (err error) {
	if change.Name != nil {
		if organisation.Name, err = identity.CleanName(*change.Name, "input", "name"); err != nil {
			return err
		}
	}
	if !change.ChangeLimit {
		return nil
	}
	if organisation.IsPrivate {
		return identity.Refuse(identity.InvalidInput, "input", "accountLimit") // one person has one account
	}
	if err := identity.CheckAccountMaximum(change.AccountLimit, "input", "accountLimit"); err != nil {
		return err
	}
	if actor.IsStaff() {
		if err := actor.Portal.Support.CheckAtOnce(identity.ChangeAccountLimit, "input", "accountLimit"); err != nil {
			return err
		}
	}
	organisation.AccountMaximum = change.AccountLimit
	return nil
}
