package kvk

import (
	"context"
	"errors"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// profile is what is read of a Basisprofiel.
type profile struct {
	KVKNumber     string `json:"kvkNummer"`
	Name          string `json:"naam"`
	StatutoryName string `json:"statutaireNaam"`
	Registration  struct {
		EndedOn string `json:"datumEinde"` // YYYYMMDD, with 00 for what isn't known
	} `json:"materieleRegistratie"`
}

// listing is what is read of a business's establishments.
type listing struct {
	KVKNumber      string `json:"kvkNummer"`
	Establishments []struct {
		Number string `json:"vestigingsnummer"`
	} `json:"vestigingen"`
}

// basisprofiel asks today's API: the profile, and the establishments of a business that has one.
func (r *Register) basisprofiel(ctx context.Context, number identity.KVKNumber) (identity.RegisterEntry, error) {
	path := "/api/v1/basisprofielen/" + string(number)
	var p profile
	found, err := r.get(ctx, path, &p)
	if err != nil || !found {
		return identity.RegisterEntry{}, err
	}
	// A legal person without establishments has no listing: that it isn't found says no more than that.
	var l listing
	found, err = r.get(ctx, path+"/vestigingen", &l)
	if err != nil {
		return identity.RegisterEntry{}, err
	}
	if p.KVKNumber != string(number) || found && l.KVKNumber != string(number) {
		return identity.RegisterEntry{}, &Failure{cause: errors.New("the answer is about another business")}
	}
	entry := identity.RegisterEntry{Exists: true, LegalName: p.StatutoryName, EndedOn: p.Registration.EndedOn}
	if entry.LegalName == "" {
		entry.LegalName = p.Name
	}
	for _, one := range l.Establishments {
		establishment, err := identity.ParseEstablishmentNumber(one.Number)
		if err != nil {
			return identity.RegisterEntry{}, &Failure{cause: errors.New("an establishment's number isn't one")}
		}
		entry.Establishments = append(entry.Establishments, establishment)
	}
	return entry, nil
}
