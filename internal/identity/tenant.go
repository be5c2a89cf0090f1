package identity

import (
	"slices"
	"strings"
)

// Tenant is the wall around a piece of work: one organisation in one portal; or (where Organisation is WholePortal) every
// organisation of that portal, for its staff and its portal-wide partners; or those that Chosen names, for a partner who
// was let into them.
type Tenant struct {
	Portal       string
	Organisation ID
	// Scope holds the work to some establishments; the zero scope to none.
	Scope EstablishmentScope
}

// WholePortal stands for every organisation of a portal. It is said outright, so that a forgotten organisation, the
// empty id, opens nothing.
const WholePortal ID = "*"

// AcrossPortal is the tenant of work that spans a portal's organisations.
func AcrossPortal(portal string) Tenant {
	return Tenant{Portal: portal, Organisation: WholePortal}
}

// chosen stands in front of several organisations. No id of one begins with it, so whoever takes it for one sees nothing.
const chosen = "+"

// Chosen is the tenant of work that spans just these organisations of a portal.
func Chosen(portal string, organisations ...ID) Tenant {
	words := make([]string, len(organisations))
	for i, organisation := range organisations {
		words[i] = string(organisation)
	}
	return Tenant{Portal: portal, Organisation: ID(chosen + strings.Join(words, " "))}
}

// Chosen are the organisations of a tenant of several; nil for every other tenant.
func (t Tenant) Chosen() []ID {
	words, several := strings.CutPrefix(string(t.Organisation), chosen)
	if !several {
		return nil
	}
	organisations := []ID{}
	for word := range strings.FieldsSeq(words) {
		organisations = append(organisations, ID(word))
	}
	return organisations
}

// Spans tells whether an organisation of the tenant's portal is within its wall.
func (t Tenant) Spans(organisation ID) bool {
	return t.Organisation == WholePortal || t.Organisation == organisation || slices.Contains(t.Chosen(), organisation)
}

// Tenant is the wall around one organisation, and within it around the establishments for whose sake it was loaded.
func (o Organisation) Tenant() Tenant {
	return Tenant{Portal: o.Portal, Organisation: o.ID, Scope: o.Scope}
}

// TenantOf is the wall around just these organisations, of which there must be one, and all of one portal. They are loaded
// for one caller, so what holds the first to establishments holds all.
func TenantOf(organisations []Organisation) Tenant {
	if len(organisations) == 1 {
		return organisations[0].Tenant()
	}
	tenant := Chosen(organisations[0].Portal, IDsOf(organisations)...)
	tenant.Scope = organisations[0].Scope
	return tenant
}

// IDsOf are the ids of organisations.
func IDsOf(organisations []Organisation) []ID {
	ids := make([]ID, len(organisations))
	for i, organisation := range organisations {
		ids[i] = organisation.ID
	}
	return ids
}

// Tenant is the wall around the user's organisation.
func (u User) Tenant() Tenant {
	return Tenant{Portal: u.Portal, Organisation: u.OrganisationID}
}
