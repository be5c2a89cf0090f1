package identity

// Tenant is the wall around a piece of work: one organisation in one portal, or (where Organisation is
// WholePortal) every organisation of that portal, for its staff and its portal-wide partners.
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

// Tenant is the wall around one organisation, and within it around the establishments for whose sake it was loaded.
func (o Organisation) Tenant() Tenant {
	return Tenant{Portal: o.Portal, Organisation: o.ID, Scope: o.Scope}
}

// Tenant is the wall around the user's organisation.
func (u User) Tenant() Tenant {
	return Tenant{Portal: u.Portal, Organisation: u.OrganisationID}
}
