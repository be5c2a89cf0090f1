package identity

import (
	"time"
	"unicode/utf8"
)

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

// OrderDirection is up or down.
type OrderDirection string

// The directions.
const (
	Ascending  OrderDirection = "ASC"
	Descending OrderDirection = "DESC"
)

// mostValues is how many values a filter names at most where it takes several: more than anything has kinds.
const mostValues = 20

// checkFilterText refuses a text that is longer than any name or address is searched for.
func checkFilterText(text *string, path ...string) error {
	if text != nil && utf8.RuneCountInString(*text) > LongestSearch {
		return Refuse(BadUserInput, path...)
	}
	return nil
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
