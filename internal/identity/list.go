package identity

import "time"

// Page asks for a part of a list: at most First items behind the cursor After.
type Page struct {
	First int
	// After holds the sort keys of the last item seen, in the order of the list's keys; nil: from the beginning.
	After Cursor
}

// Cursor is the sort keys of an item.
type Cursor []string

// LargestPage is the most items in one answer.
const LargestPage = 200

// Check refuses a page size out of range.
func (p Page) Check() error {
	if p.First < 1 || p.First > LargestPage {
		return Refuse(BadUserInput, "first")
	}
	return nil
}

// Slice is a part of a list.
type Slice[T any] struct {
	Items       []T
	HasNextPage bool
}

// UserFilter narrows a list of users; what is nil doesn't.
type UserFilter struct {
	// Search finds a part of the name or the address, whatever the case.
	Search       *string
	Role         *UserRole
	Status       *UserStatus
	Registration *Registration
	IsEnrolled   *bool
	EmailRefused *bool
}

// UserOrder is how a list of users is sorted.
type UserOrder struct {
	Field     UserOrderField
	Direction OrderDirection
}

// UserOrderField is what users can be sorted by.
type UserOrderField string

// What users can be sorted by; ties are broken by id.
const (
	ByDisplayName  UserOrderField = "DISPLAY_NAME"
	ByEmailAddress UserOrderField = "EMAIL"
	ByCreation     UserOrderField = "CREATED_AT"
)

// OrderDirection is up or down.
type OrderDirection string

// The directions.
const (
	Ascending  OrderDirection = "ASC"
	Descending OrderDirection = "DESC"
)

// Key is the text that a user is sorted by.
func (f UserOrderField) Key(u User) string {
	switch f {
	case ByDisplayName:
		return Fold(u.DisplayName)
	case ByEmailAddress:
		return u.Email.Fold()
	}
	return string(u.ID)
}

// Cursor is where a user stands in a list of that order.
func (o UserOrder) Cursor(u User) Cursor { return Cursor{o.Field.Key(u), string(u.ID)} }

// OrganisationFilter narrows a list of organisations.
type OrganisationFilter struct {
	// Search finds a part of the name or the code.
	Search *string
	// IsRemoved picks those that were removed; nil: those that weren't.
	IsRemoved *bool
}

// SupportActionFilter narrows a list of support actions; what is nil doesn't.
type SupportActionFilter struct {
	State  *SupportActionState
	Ticket *string
	Target *ID
}

// AuditFilter narrows a list of audit events; what is empty doesn't.
type AuditFilter struct {
	// Actions are those wanted, any of them.
	Actions []Action
	Actor   *ID
	Target  *ID
	// From and Until bound a period: From belongs to it, Until doesn't.
	From, Until *time.Time
}

// IsEmpty tells whether the filter lets every event through.
func (f AuditFilter) IsEmpty() bool {
	return len(f.Actions) == 0 && f.Actor == nil && f.Target == nil && f.From == nil && f.Until == nil
}
