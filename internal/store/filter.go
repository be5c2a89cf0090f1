package store

import (
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// condition narrows a select.
type condition struct {
	text   string
	values []any
}

// conditions are those of a filter, all of which must hold.
type conditions []condition

func (c *conditions) where(text string, values ...any) { *c = append(*c, condition{text, values}) }

// anyOf adds that one of several conditions holds, unless there is none.
func (c *conditions) anyOf(texts []string) {
	if len(texts) > 0 {
		c.where(strings.Join(texts, " OR "))
	}
}

// within adds that an instant is in a period, whose ends may be open. The instants are written as both databases read them and
// SQLite keeps them: its driver writes them otherwise.
func (c *conditions) within(column string, from, until *time.Time) {
	if from != nil {
		c.where(column+" >= ?", identity.SortableInstant(*from))
	}
	if until != nil {
		c.where(column+" < ?", identity.SortableInstant(*until))
	}
}

// contains adds that one of the keys contains a text.
func (c *conditions) contains(text *string, keys ...string) {
	if text == nil {
		return
	}
	like, values, texts := containing(*text), make([]any, len(keys)), make([]string, len(keys))
	for i, key := range keys {
		texts[i], values[i] = key+` LIKE ? ESCAPE '\'`, like
	}
	c.where(strings.Join(texts, " OR "), values...)
}

// holds adds that a condition holds, or that it doesn't, where either is asked for.
func (c *conditions) holds(condition string, asked *bool) {
	if asked != nil {
		c.where(either(condition, *asked))
	}
}

// narrowing puts them into a select of bun's.
func (c conditions) narrowing(q bun.QueryBuilder) bun.QueryBuilder {
	for _, condition := range c {
		q = q.Where("("+condition.text+")", condition.values...)
	}
	return q
}

// either is the condition, or that it doesn't hold.
func either(condition string, holds bool) string {
	if holds {
		return condition
	}
	return "NOT (" + condition + ")"
}

// userConditions are those of a filter of users u; a role takes joinOrganisation.
func userConditions(filter identity.UserFilter) (all conditions) {
	if !filter.WantsRemoved() {
		all.where("u.registration <> 'REMOVED'") // a generated column such as u.removed keeps SQLite from counting an index alone
	}
	if filter.Status != nil {
		all.where(userStatus+" = ?", identity.Rank(identity.UserStatuses, *filter.Status))
	}
	if len(filter.Statuses) > 0 {
		all.where(userStatus + " IN (" + strings.Join(each(filter.Statuses, statusRank), ", ") + ")")
	}
	if filter.Registration != nil {
		all.where("u.registration = ?", string(*filter.Registration))
	}
	if filter.Role != nil {
		all.where(roleIs(*filter.Role))
	}
	all.anyOf(each(filter.Roles, roleIs))
	all.anyOf(each(filter.FactorKinds, hasKind))
	all.contains(filter.Search, "u.name_key", "u.email_key", "u.username_key")
	all.holds(enrolled, filter.IsEnrolled)
	all.holds("u.email_refused_at IS NOT NULL", filter.EmailRefused)
	all.holds(lastSignIn+" > "+neverSignedIn, filter.HasSignedIn)
	if filter.LastSignInUntil != nil {
		all.where(lastSignIn + " > " + neverSignedIn)
	}
	all.within(lastSignIn, filter.LastSignInFrom, filter.LastSignInUntil)
	all.within("u.created_at", filter.CreatedFrom, filter.CreatedUntil)
	return all
}

func each[T any](values []T, text func(T) string) (texts []string) {
	for _, value := range values {
		texts = append(texts, text(value))
	}
	return texts
}

// roleIs says in SQL what role a user is shown to have. What isn't a role is nobody's.
func roleIs(role identity.UserRole) string {
	switch {
	case role == identity.MainUser:
		return isMainUser
	case !slices.Contains(identity.UserRoles, role):
		return "1 = 0"
	}
	return "u.role = '" + string(role) + "' AND NOT " + isMainUser
}

func statusRank(status identity.UserStatus) string {
	return "'" + identity.Rank(identity.UserStatuses, status) + "'"
}

// hasKind says in SQL that a user has a factor of a kind.
func hasKind(kind identity.FactorKind) string {
	if !slices.Contains(identity.FactorKinds, kind) {
		return "1 = 0"
	}
	return `' ' || u.factor_kinds || ' ' LIKE '% ` + likeEscapes.Replace(string(kind)) + ` %' ESCAPE '\'`
}

// userStatus says in SQL what identity.Rank says in Go of a user's status. It is the expression of an index.
const userStatus = `CASE WHEN u.registration = 'REMOVED' THEN '6' WHEN u.blocked_at IS NOT NULL THEN '5' WHEN u.registration = 'RE_REGISTERING' THEN '3'
	WHEN u.registration = 'REGISTERED' THEN '4' WHEN u.provider = '' THEN '1' ELSE '2' END`

// userRole says the same of a user's role. It is no column's to tell, so no index has it.
var userRole = func() string {
	text := "CASE"
	for _, role := range identity.UserRoles {
		text += " WHEN " + roleIs(role) + " THEN '" + identity.Rank(identity.UserRoles, role) + "'"
	}
	return text + " END"
}()

// neverSignedIn stands for no instant at all, before all others; lastSignIn is the expression of an index. It is no coalesce():
// behind row-level security PostgreSQL looks that up in no index, for it doesn't know it to leak nothing.
var (
	neverSignedIn = "'" + identity.SortableInstant(time.Time{}) + "'"
	lastSignIn    = "CASE WHEN u.last_sign_in_at IS NULL THEN " + neverSignedIn + " ELSE u.last_sign_in_at END"
)

// userKeys say in SQL what identity.UserOrder.Cursor says in Go.
var userKeys = map[identity.UserOrderField][]string{
	identity.ByDisplayName:  {"u.name_key", "u.id"},
	identity.ByEmailAddress: {"u.email_key", "u.id"},
	identity.ByCreation:     {"u.id"},
	identity.ByRole:         {userRole, "u.name_key", "u.id"},
	identity.ByStatus:       {userStatus, "u.name_key", "u.id"},
	identity.ByLastSignIn:   {lastSignIn, "u.id"},
}
