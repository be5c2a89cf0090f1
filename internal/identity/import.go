package identity

import (
	"slices"
	"time"
)

// Import is many users or organisations that a partner brings from another system. Each of its rows is decided by itself, as a
// single call would be, and stands for itself whatever becomes of the others.
type Import struct {
	ID     ID
	Portal string
	// Organisation is where the import is kept: where the API token is that it came with, or WholePortal.
	Organisation ID
	// Key is what its maker calls it.
	Key  string
	Kind ImportKind
	// CreatedBy is the API token or the administrator whose import it is. What they may no longer do, it doesn't go on with.
	CreatedBy ID
	CreatedAt time.Time
	// Total, Done and Failed count rows; they are worked out when the import is loaded.
	Total, Done, Failed int
}

// ImportKind is what an import brings.
type ImportKind string

// The kinds.
const (
	ImportOfUsers         ImportKind = "USERS"
	ImportOfOrganisations ImportKind = "ORGANISATIONS"
)

// ImportState is where an import stands.
type ImportState string

// The states.
const (
	ImportRunning ImportState = "RUNNING" // some rows wait
	ImportSettled ImportState = "SETTLED" // all rows that came are done or failed; more may come
)

// ImportRowState is where a row stands.
type ImportRowState string

// The states of a row.
const (
	RowWaiting ImportRowState = "WAITING"
	RowDone    ImportRowState = "DONE"
	RowFailed  ImportRowState = "FAILED"
)

// ImportRow is what is told of a row: never what stood in it.
type ImportRow struct {
	// Number is its maker's, from 1 to MostImportRows.
	Number int
	State  ImportRowState
	// Target is the user or organisation that it made; "" where it made none.
	Target ID
	// Refusals are why it failed. Their paths begin in the row.
	Refusals []*Error
}

// MostImportRows bounds an import, and MostRowsAtOnce what one call adds to it: so many rows with hashes and secrets fit into
// the largest body of a request.
const (
	MostImportRows = 100_000
	MostRowsAtOnce = 200
)

// State tells whether rows wait.
func (i Import) State() ImportState {
	if i.Done+i.Failed < i.Total {
		return ImportRunning
	}
	return ImportSettled
}

// Scope is what an API token needs for such an import, when it sends rows and when they are worked on.
func (k ImportKind) Scope() APIScope {
	if k == ImportOfOrganisations {
		return OrganisationsWrite
	}
	return UsersWrite
}

// Goes decides whether the import may go on in its maker's name. With an API token comes who made that, where somebody did.
func (i Import) Goes(maker Actor) bool {
	if token := maker.Token; token != nil {
		return token.Alive(maker.At) && token.StandsBy(maker.User) && token.Has(i.Kind.Scope())
	}
	return maker.User.Status() == StatusActive && maker.hasRole(PortalAdmin)
}

// CheckImport decides whether the actor may bring rows of that kind. Organisations are made, and passwords and secrets brought,
// by whoever's work reaches the whole portal: a name at sign-in is the portal's, and nobody proved here to hold the mailbox.
func (a Actor) CheckImport(kind ImportKind, bringsSecrets bool) error {
	if (kind == ImportOfOrganisations || bringsSecrets) && a.Tenant().Organisation != WholePortal {
		return Refuse(Forbidden)
	}
	return nil
}

// InRow is a refusal of a single call as it is told of a row: without the "input" that its path begins with.
func (e *Error) InRow() *Error {
	path := slices.Clone(e.Path)
	if len(path) > 0 && path[0] == "input" {
		path = path[1:]
	}
	return &Error{Code: e.Code, Path: path}
}
