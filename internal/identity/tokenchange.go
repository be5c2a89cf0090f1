package identity

import (
	"errors"
	"net/netip"
	"slices"
	"time"
)

// CheckChange decides whether somebody may make of a token what next is, which has its place and its organisations already.
// A token's scopes can be taken away and its end brought forward, never the other way round: for more, another token is made.
// Whoever changes a token must be able to make what becomes of it. One that was rotated, revoked or has ended stays as it is
// (WRONG_STATUS).
func (t APIToken) CheckChange(next APIToken, by User, now time.Time) error {
	if !t.Alive(now) || t.RotatedAt != nil {
		return Refuse(WrongStatus, "input", "id")
	}
	var grows error
	if slices.ContainsFunc(next.Scopes, func(scope APIScope) bool { return !t.Has(scope) }) {
		grows = Refuse(InvalidInput, "input", "scopes")
	}
	if t.ExpiresAt != nil && (next.ExpiresAt == nil || next.ExpiresAt.After(*t.ExpiresAt)) {
		grows = errors.Join(grows, Refuse(InvalidInput, "input", "expiresAt"))
	}
	if grows != nil {
		return grows
	}
	return CheckAPIToken(next.Scopes, next.ExpiresAt, by.Role, now)
}

// ReachesBeyond tells whether a token works for an organisation, or from a network, that another doesn't. Who lets a token
// reach further answers for it from then on.
func (t APIToken) ReachesBeyond(other APIToken) bool {
	if known := other.OrganisationIDs(); known != nil {
		ids := t.OrganisationIDs()
		if ids == nil || slices.ContainsFunc(ids, func(id ID) bool { return !slices.Contains(known, id) }) {
			return true
		}
	}
	if len(other.Networks) == 0 {
		return false
	}
	return len(t.Networks) == 0 || slices.ContainsFunc(t.Networks, func(network netip.Prefix) bool {
		return !slices.ContainsFunc(other.Networks, func(wider netip.Prefix) bool {
			return wider.Bits() <= network.Bits() && wider.Contains(network.Addr())
		})
	})
}

// Differences names what differs between two states of a token, as the audit log tells it.
func (t APIToken) Differences(other APIToken) (names []string) {
	for _, part := range []struct {
		name string
		same bool
	}{
		{"name", t.Name == other.Name},
		{"scopes", sameOf(t.Scopes, other.Scopes)},
		{"expiresAt", (t.ExpiresAt == nil) == (other.ExpiresAt == nil) && (t.ExpiresAt == nil || t.ExpiresAt.Equal(*other.ExpiresAt))},
		{"organisationIds", (t.OrganisationIDs() == nil) == (other.OrganisationIDs() == nil) && sameOf(t.OrganisationIDs(), other.OrganisationIDs())},
		{"allowedNetworks", sameOf(t.AllowedNetworks(), other.AllowedNetworks())},
	} {
		if !part.same {
			names = append(names, part.name)
		}
	}
	return names
}

// sameOf tells whether two lists have the same in them, in whatever order.
func sameOf[T ~string](a, b []T) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}
