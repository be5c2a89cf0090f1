package identity

import "time"

// OrganisationFilter narrows a list of organisations; what is nil doesn't. An organisation must fit all that is said.
type OrganisationFilter struct {
	// Search finds a part of the name or the code, whatever the case.
	Search *string
	// IsRemoved asks for those that were removed; nil: those that weren't.
	IsRemoved *bool
	// KVKNumber finds the one that is the business of that number.
	KVKNumber *KVKNumber
	// IsPrivate asks for private customers, or for companies.
	IsPrivate *bool
	// IsTwoFactorActive asks for those whose main user activated two-factor authentication, or for the others.
	IsTwoFactorActive *bool
	// CreatedFrom and CreatedUntil bound a period: From belongs to it, Until doesn't.
	CreatedFrom, CreatedUntil *time.Time
}

// Check refuses a text of over 200 characters.
func (f OrganisationFilter) Check() error { return checkFilterText(f.Search, "filter", "search") }

// OrganisationOrder is how a list of organisations is sorted.
type OrganisationOrder struct {
	Field     OrganisationOrderField
	Direction OrderDirection
}

// OrganisationOrderField is what organisations can be sorted by.
type OrganisationOrderField string

// What organisations can be sorted by; ties are broken by id.
const (
	ByOrganisationName     OrganisationOrderField = "NAME"
	ByOrganisationCreation OrganisationOrderField = "CREATED_AT"
)

// Cursor is where an organisation stands in a list of that order.
func (o OrganisationOrder) Cursor(of Organisation) Cursor {
	if o.Field == ByOrganisationCreation {
		return Cursor{string(of.ID)} // ids sort by their making
	}
	return Cursor{Fold(of.Name), string(of.ID)}
}
