package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

// PrivatePerson is who a private customer is, with what a password account is reached and named by; "" for none.
type PrivatePerson struct {
	identity.Person
	Email    identity.EmailAddress
	Username string
}

// Persons answers the records of those of several organisations that are private customers.
func (a *App) Persons(ctx context.Context, of []identity.Organisation) (map[identity.ID]*identity.Person, error) {
	persons := map[identity.ID]*identity.Person{}
	private := slices.DeleteFunc(slices.Clone(of), func(o identity.Organisation) bool { return !o.IsPrivate })
	if len(private) == 0 {
		return persons, nil
	}
	sealed, err := readOf(ctx, a, private, func(s *store.Scope, ids []identity.ID) (map[identity.ID][]byte, error) {
		return s.PersonsOf(ctx, ids)
	})
	for id, record := range sealed {
		person, failed := a.openPerson(id, record)
		if failed != nil {
			return nil, failed
		}
		persons[id] = &person
	}
	return persons, err
}

func (a *App) recordOf(ctx context.Context, s *store.Scope, organisation identity.Organisation) (identity.Person, error) {
	sealed, err := s.Person(ctx, organisation.ID)
	if err != nil {
		return identity.Person{}, err
	}
	return a.openPerson(organisation.ID, sealed)
}

func (a *App) openPerson(organisation identity.ID, sealed []byte) (person identity.Person, err error) {
	text, err := a.keys.Open(sealed, personSeal(organisation))
	if err == nil {
		err = json.Unmarshal(text, &person)
	}
	if err != nil {
		return person, fmt.Errorf("open the record of a person: %w", err)
	}
	return person, nil
}

func personSeal(organisation identity.ID) []byte { return []byte("person " + string(organisation)) }

// savePerson seals a record. Whoever has the database and not the keys learns nothing from it, nor from what it is found by.
func (a *App) savePerson(ctx context.Context, s *store.Scope, organisation identity.Organisation, person identity.Person) error {
	text, err := json.Marshal(person)
	if err != nil {
		return fmt.Errorf("seal the record of a person: %w", err)
	}
	return s.SavePerson(ctx, store.SealedPerson{
		Organisation: organisation.Tenant(), Sealed: a.keys.Seal(text, personSeal(organisation.ID)),
		Keys: a.keysOf(organisation.Portal, person)[0],
	})
}

// keysOf are what a person's record is found by, under each key of the keyring, the newest first.
func (a *App) keysOf(portal string, person identity.Person) []store.PersonKeys {
	keys := person.Keys()
	var all []store.PersonKeys
	for i, key := range []string{keys.NameAddress, keys.NameBirth, keys.AddressBirth} {
		for j, mac := range a.keys.MACs("person record", []byte(portal), []byte{byte(i)}, []byte(key)) {
			if j == len(all) {
				all = append(all, store.PersonKeys{})
			}
			if key != "" {
				*[]*[]byte{&all[j].NameAddress, &all[j].NameBirth, &all[j].AddressBirth}[i] = mac
			}
		}
	}
	return all
}

// macOf stands for a person where a request is to be known again; nil for none.
func (a *App) macOf(portal identity.Portal, person *PrivatePerson) []byte {
	if person == nil {
		return nil
	}
	text, err := json.Marshal(person)
	if err != nil {
		panic("a person is text: " + err.Error())
	}
	return a.keys.MAC("private customer", []byte(portal.Slug), text)
}

// cleanPerson checks what makes a private customer: one person, who is no company, and the only account.
func (wanted *NewOrganisation) cleanPerson(portal identity.Portal) error {
	const input, field = "input", "person"
	if !portal.HasPrivateCustomers() {
		return identity.Refuse(identity.InvalidInput, input, field)
	}
	one := 1
	wanted.AccountLimit = &one
	if wanted.MainUser != nil || len(wanted.Businesses) > 0 || len(wanted.PolicyNumbers) > 0 || wanted.Code != nil {
		return identity.Refuse(identity.InvalidInput, input, field)
	}
	return wanted.Person.clean(input, field)
}

func (p *PrivatePerson) clean(path ...string) (err error) {
	if p.Person, err = p.Person.Clean(path...); err != nil {
		return err
	}
	if p.Email != "" {
		if _, err := identity.ParseEmailAddress(string(p.Email), append(path, "email")...); err != nil {
			return err
		}
	}
	if p.Username != "" {
		p.Username, err = identity.CleanUsername(p.Username, append(path, "username")...)
	}
	return err
}

// reach gives a user the address and the user name that a password account is to have.
func (p PrivatePerson) reach(user *identity.User) {
	user.Email, user.Username = p.Email, nil
	if p.Username != "" {
		user.Username = &p.Username
	}
}

// foundPerson saves the record of a new private customer, and the user whom it is of. Nothing is mailed: they come in through
// a provider, or the desk sends them a link.
func (a *App) foundPerson(ctx context.Context, s *store.Scope, actor identity.Actor, organisation identity.Organisation, person PrivatePerson) error {
	user := vacancy(actor.Portal, organisation)
	person.reach(&user)
	a.record(s, actor, organisation, identity.PersonRecordChanged, organisation.ID, nil)
	return errors.Join(s.AddUser(ctx, user), a.savePerson(ctx, s, organisation, person.Person))
}

// rewrite puts another record in the place of the one that there is. Sessions that rest on the old one end.
func (a *App) rewrite(ctx context.Context, s *store.Scope, actor identity.Actor, organisation identity.Organisation, person PrivatePerson) error {
	const input, field = "input", "person"
	if err := actor.CheckRecords(organisation, input, field); err != nil {
		return err
	}
	if err := person.clean(input, field); err != nil {
		return err
	}
	user, err := s.LockUser(ctx, organisation.MainUserID)
	if err != nil {
		return err
	}
	if user.LacksPassword() {
		person.reach(&user)
	} else if person.Email != "" || person.Username != "" {
		return identity.Refuse(identity.WrongStatus, input, field) // they see to it themselves, and the old mailbox hears of it
	}
	a.record(s, actor, organisation, identity.PersonRecordChanged, organisation.ID, nil)
	return errors.Join(s.SaveUser(ctx, user), s.RevokeLinks(ctx, user.ID), s.EndProvidedSessions(ctx, user.ID),
		a.savePerson(ctx, s, organisation, person.Person))
}

// admitPerson signs in the private customer whom an assertion tells of.
func (a *App) admitPerson(ctx context.Context, actor identity.Actor, provider identity.Provider, assertion identity.Assertion) (Outcome, error) {
	if err := provider.CheckPerson(assertion); err != nil {
		return Outcome{}, err
	}
	customer, err := a.recognise(ctx, actor, provider, assertion)
	if err != nil {
		return Outcome{}, err
	}
	var outcome Outcome
	tenant := identity.Tenant{Portal: actor.Portal.Slug, Organisation: customer}
	err = a.db.Within(ctx, tenant, func(s *store.Scope) error {
		organisation, err := s.LockOrganisation(ctx, customer) // so that one first coming is the first
		if err != nil {
			return err
		}
		user, err := a.matchPerson(ctx, s, actor, provider, organisation, assertion)
		if err != nil {
			return err
		}
		outcome, err = a.bringIn(ctx, s, actor, provider, organisation, user, assertion)
		return err
	})
	return outcome, err
}

// recognise finds the customer whom a provider tells of: by the pseudonym, or else by what their record must equal. It is
// decided again behind the organisation's lock.
func (a *App) recognise(ctx context.Context, actor identity.Actor, provider identity.Provider, assertion identity.Assertion) (identity.ID, error) {
	known, err := a.db.PersonIdentified(ctx, actor.Portal.Slug, assertion)
	if err != nil || known != "" {
		return known, err
	}
	alike, err := a.db.PersonsLike(ctx, actor.Portal.Slug, a.keysOf(actor.Portal.Slug, *assertion.Person))
	if err != nil {
		return "", err
	}
	records := make([]identity.PersonRecord, len(alike))
	for i, found := range alike {
		person, err := a.openPerson(found.Organisation, found.Sealed)
		if err != nil {
			return "", err
		}
		records[i] = identity.PersonRecord{Organisation: found.Organisation, Person: person, IsOut: found.IsOut}
	}
	record, err := provider.Recognise(*assertion.Person, records)
	return record.Organisation, err
}

// matchPerson compares the record again, and makes whoever comes for the first time known.
func (a *App) matchPerson(ctx context.Context, s *store.Scope, actor identity.Actor, provider identity.Provider, organisation identity.Organisation, assertion identity.Assertion) (identity.User, error) {
	known, err := s.FederatedUser(ctx, assertion)
	if err != nil {
		return identity.User{}, err
	}
	person, err := a.recordOf(ctx, s, organisation)
	if err != nil {
		return identity.User{}, err
	}
	user, err := s.LockUser(ctx, organisation.MainUserID)
	if err != nil {
		return user, err
	}
	record := identity.PersonRecord{Organisation: organisation.ID, Person: person, IsOut: user.IsOut()}
	if err := provider.Confirm(*assertion.Person, record, known != nil); err != nil || known != nil {
		return user, err
	}
	user = user.IdentifiedBy(provider.Name)
	a.record(s, actor, organisation, identity.PersonRecognised, user.ID, map[string]string{"provider": provider.Name})
	return user, errors.Join(s.AddFederatedIdentity(ctx, user, assertion), s.SaveUser(ctx, user))
}
