package identity

// Tenant is the wall around a piece of work: one organisation in one portal, or (where Organisation is
// WholePortal) every organisation of that portal, for its staff and its portal-wide partners.
type Tenant struct {
	Portal       string
	Organisation ID
}

// WholePortal stands for every organisation of a portal. It is said outright, so that a forgotten organisation, the
// empty id, opens nothing.
const WholePortal ID = "*"

// AcrossPortal is the tenant of work that spans a portal's organisations.
func AcrossPortal(portal string) Tenant {
	return Tenant{Portal: portal, Organisation: WholePortal}
}

// Tenant is the wall around one organisation.
func (o Organisation) Tenant() Tenant {
	return Tenant{Portal: o.Portal, Organisation: o.ID}
}

// Tenant is the wall around the user's organisation.
func (u User) Tenant() Tenant {
	return Tenant{Portal: u.Portal, Organisation: u.OrganisationID}
}
