// Package page is Relay's connections: a part of a list, with cursors that are the sort keys of its items, so that the next
// part is found by an index and stays right while items come and go.
package page

import (
	"context"
	"encoding/json"
	"strconv"

	"github.com/sleutelbos/sleutelbos/internal/app"
	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// Info is where a part of a list stands in the whole.
type Info struct {
	HasNextPage, HasPreviousPage bool
	StartCursor, EndCursor       *string
}

// Count counts the whole list; it is asked only where a client asks.
type Count func(ctx context.Context) (int, error)

// Connection is a part of a list of items T in edges E. Edges and cursors are made where a client asks for them.
type Connection[T, E any] struct {
	Nodes  []T
	asked  Request
	more   bool
	count  Count
	cursor func(T) identity.Cursor
	edge   func(string, T) E
}

func connect[T, E any](asked Request, slice identity.Slice[T], count Count, cursor func(T) identity.Cursor, edge func(string, T) E) Connection[T, E] {
	return Connection[T, E]{Nodes: slice.Items, asked: asked, more: slice.HasNextPage, count: count, cursor: cursor, edge: edge}
}

// TotalCount counts the whole list.
func (c Connection[T, E]) TotalCount(ctx context.Context) (int, error) { return c.count(ctx) }

// Edges are the items with their cursors.
func (c Connection[T, E]) Edges() []E {
	edges := make([]E, len(c.Nodes))
	for i, item := range c.Nodes {
		edges[i] = c.edge(c.encode(item), item)
	}
	return edges
}

// PageInfo is where this part stands.
func (c Connection[T, E]) PageInfo() Info {
	info := Info{HasNextPage: c.more, HasPreviousPage: c.asked.After != nil}
	if len(c.Nodes) > 0 {
		first, last := c.encode(c.Nodes[0]), c.encode(c.Nodes[len(c.Nodes)-1])
		info.StartCursor, info.EndCursor = &first, &last
	}
	return info
}

func (c Connection[T, E]) encode(item T) string {
	return c.asked.use.Cursor(c.asked.list, c.cursor(item))
}

// List is a kind of list.
type List struct {
	name string
	keys int // how many keys its items are sorted by
}

// The lists.
var (
	InvitationList    = List{"invitations", 1}
	AuditEventList    = List{"events", 1}
	APITokenList      = List{"tokens", 1}
	SupportActionList = List{"support actions", 1}
	ImportRowList     = List{"import rows", 1}
)

// UserList is the users of an organisation.
func UserList(order identity.UserOrder) List {
	return List{"users", len(order.Cursor(identity.User{}))}
}

// FoundUserList is what a search of a portal finds.
func FoundUserList(order identity.UserOrder) List {
	return List{"found users", len(order.Cursor(identity.User{}))}
}

// OrganisationList is the organisations of a portal.
func OrganisationList(order identity.OrganisationOrder) List {
	return List{"organisations", len(order.Cursor(identity.Organisation{}))}
}

// Request is the part of a list that a client asked for.
type Request struct {
	identity.Page
	use  *app.App
	list string
}

// longestCursor bounds a cursor; the longest honest one holds a name of 200 characters and an id.
const longestCursor = 4096

// Of reads the arguments of a list. What the list depends on is said in is: whose it is, what narrows it and how it is sorted. A
// cursor is of all of that, and leads nowhere in another list.
func (l List) Of(use *app.App, first int, after *string, is ...any) (Request, error) {
	depends, _ := json.Marshal(is) // inputs always encode
	asked := Request{Page: identity.Page{First: first}, use: use, list: l.name + string(depends)}
	if err := asked.Check(); err != nil || after == nil {
		return asked, err
	}
	if len(*after) > longestCursor {
		return asked, identity.Refuse(identity.InvalidCursor, "after")
	}
	place, err := use.Place(asked.list, *after)
	if err == nil && len(place) != l.keys {
		err = identity.Refuse(identity.InvalidCursor, "after")
	}
	asked.After = place
	return asked, err
}

type (
	// UserConnection is a part of a list of users.
	UserConnection struct {
		Connection[identity.User, UserEdge]
	}
	// UserEdge is a user in a list.
	UserEdge struct {
		Cursor string
		Node   identity.User
	}
	// OrganisationConnection is a part of a list of organisations.
	OrganisationConnection struct {
		Connection[identity.Organisation, OrganisationEdge]
	}
	// OrganisationEdge is an organisation in a list.
	OrganisationEdge struct {
		Cursor string
		Node   identity.Organisation
	}
	// InvitationConnection is a part of a list of invitations.
	InvitationConnection struct {
		Connection[identity.Invitation, InvitationEdge]
	}
	// InvitationEdge is an invitation in a list.
	InvitationEdge struct {
		Cursor string
		Node   identity.Invitation
	}
	// AuditEventConnection is a part of an audit log.
	AuditEventConnection struct {
		Connection[identity.AuditEvent, AuditEventEdge]
	}
	// AuditEventEdge is an event in an audit log.
	AuditEventEdge struct {
		Cursor string
		Node   identity.AuditEvent
	}
	// APITokenConnection is a part of a list of API tokens.
	APITokenConnection struct {
		Connection[identity.APIToken, APITokenEdge]
	}
	// SupportActionConnection is a part of a list of support actions.
	SupportActionConnection struct {
		Connection[identity.SupportAction, SupportActionEdge]
	}
	// SupportActionEdge is a support action in a list.
	SupportActionEdge struct {
		Cursor string
		Node   identity.SupportAction
	}
	// ImportRowConnection is a part of the rows of an import.
	ImportRowConnection struct {
		Connection[identity.ImportRow, ImportRowEdge]
	}
	// ImportRowEdge is a row of an import in a list.
	ImportRowEdge struct {
		Cursor string
		Node   identity.ImportRow
	}
	// APITokenEdge is an API token in a list.
	APITokenEdge struct {
		Cursor string
		Node   identity.APIToken
	}
)

// Users makes a connection of a list of users in that order.
func Users(asked Request, order identity.UserOrder, slice identity.Slice[identity.User], count Count) *UserConnection {
	return &UserConnection{connect(asked, slice, count, order.Cursor,
		func(cursor string, user identity.User) UserEdge { return UserEdge{cursor, user} })}
}

// Organisations makes a connection of a list of organisations in that order.
func Organisations(asked Request, order identity.OrganisationOrder, slice identity.Slice[identity.Organisation], count Count) *OrganisationConnection {
	return &OrganisationConnection{connect(asked, slice, count, order.Cursor,
		func(cursor string, o identity.Organisation) OrganisationEdge { return OrganisationEdge{cursor, o} })}
}

// Invitations makes a connection of a list of invitations, the latest first.
func Invitations(asked Request, slice identity.Slice[identity.Invitation], count Count) *InvitationConnection {
	return &InvitationConnection{connect(asked, slice, count,
		func(i identity.Invitation) identity.Cursor { return identity.Cursor{string(i.ID)} },
		func(cursor string, i identity.Invitation) InvitationEdge { return InvitationEdge{cursor, i} })}
}

// AuditEvents makes a connection of an audit log, the latest first.
func AuditEvents(asked Request, slice identity.Slice[identity.AuditEvent], count Count) *AuditEventConnection {
	return &AuditEventConnection{connect(asked, slice, count,
		func(e identity.AuditEvent) identity.Cursor {
			return identity.Cursor{strconv.FormatInt(e.Sequence, 10)}
		},
		func(cursor string, e identity.AuditEvent) AuditEventEdge { return AuditEventEdge{cursor, e} })}
}

// APITokens makes a connection of a list of API tokens, the latest first.
func APITokens(asked Request, slice identity.Slice[identity.APIToken], count Count) *APITokenConnection {
	return &APITokenConnection{connect(asked, slice, count,
		func(t identity.APIToken) identity.Cursor { return identity.Cursor{string(t.ID)} },
		func(cursor string, t identity.APIToken) APITokenEdge { return APITokenEdge{cursor, t} })}
}

// SupportActions makes a connection of a list of support actions, the latest first.
func SupportActions(asked Request, slice identity.Slice[identity.SupportAction], count Count) *SupportActionConnection {
	return &SupportActionConnection{connect(asked, slice, count,
		func(a identity.SupportAction) identity.Cursor { return identity.Cursor{string(a.ID)} },
		func(cursor string, a identity.SupportAction) SupportActionEdge { return SupportActionEdge{cursor, a} })}
}

// ImportRows makes a connection of the rows of an import, by number.
func ImportRows(asked Request, slice identity.Slice[identity.ImportRow], count Count) *ImportRowConnection {
	return &ImportRowConnection{connect(asked, slice, count,
		func(r identity.ImportRow) identity.Cursor { return identity.Cursor{strconv.Itoa(r.Number)} },
		func(cursor string, r identity.ImportRow) ImportRowEdge { return ImportRowEdge{cursor, r} })}
}
