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
		all.where("NOT u.removed")
	}
	if filter.Status != nil {
		all.where(statusIs[*filter.Status])
	}
	if filter.Registration != nil {
		all.where("u.registration = ?", string(*filter.Registration))
	}
	if filter.Role != nil {
		all.where(roleIs(*filter.Role))
	}
	all.anyOf(each(filter.Roles, roleIs))
	all.anyOf(each(filter.Statuses, func(status identity.UserStatus) string { return statusIs[status] }))
	all.anyOf(each(filter.FactorKinds, hasKind))
	all.contains(filter.Search, "u.name_key", "u.email_key", "u.username_key")
	all.holds(enrolled, filter.IsEnrolled)
	all.holds("u.email_refused_at IS NOT NULL", filter.EmailRefused)
	all.holds("u.last_sign_in_at IS NOT NULL", filter.HasSignedIn)
	all.within("u.last_sign_in_at", filter.LastSignInFrom, filter.LastSignInUntil)
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

// hasKind says in SQL that a user has a factor of a kind.
func hasKind(kind identity.FactorKind) string {
	if !slices.Contains(identity.FactorKinds, kind) {
		return "1 = 0"
	}
	return `' ' || u.factor_kinds || ' ' LIKE '% ` + likeEscapes.Replace(string(kind)) + ` %' ESCAPE '\'`
}

// statusIs says in SQL what identity.User.Status says in Go.
var statusIs = map[identity.UserStatus]string{
	identity.StatusRemoved:          "u.removed",
	identity.StatusBlocked:          "NOT u.removed AND u.blocked_at IS NOT NULL",
	identity.StatusInvited:          "u.blocked_at IS NULL AND u.registration = 'INVITED' AND u.provider = ''",
	identity.StatusAwaitingApproval: "u.blocked_at IS NULL AND u.registration = 'INVITED' AND u.provider <> ''",
	identity.StatusReRegistering:    "u.blocked_at IS NULL AND u.registration = 'RE_REGISTERING'",
	identity.StatusActive:           "u.blocked_at IS NULL AND u.registration = 'REGISTERED'",
}

// userKeys say in SQL what identity.UserOrderField.Key says in Go.
var userKeys = map[identity.UserOrderField]string{
	identity.ByDisplayName:  "u.name_key",
	identity.ByEmailAddress: "u.email_key",
	identity.ByCreation:     "u.id",
	identity.ByRole:         ranked(identity.UserRoles, roleIs),
	identity.ByStatus:       ranked(identity.UserStatuses, func(status identity.UserStatus) string { return statusIs[status] }),
	identity.ByLastSignIn:   "coalesce(u.last_sign_in_at, '" + identity.SortableInstant(time.Time{}) + "')",
}

// ranked says in SQL what identity.Rank says in Go.
func ranked[T comparable](all []T, is func(T) string) string {
	text := "CASE"
	for _, value := range all {
		text += " WHEN " + is(value) + " THEN '" + identity.Rank(all, value) + "'"
	}
	return text + " END"
}
