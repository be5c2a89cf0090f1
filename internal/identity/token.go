package identity

import (
	"net/netip"
	"slices"
	"time"
)

// APIScope is something that an API token may do.
type APIScope string

// The scopes.
const (
	OrganisationsRead  APIScope = "ORGANISATIONS_READ"
	OrganisationsWrite APIScope = "ORGANISATIONS_WRITE"
	UsersRead          APIScope = "USERS_READ"
	UsersWrite         APIScope = "USERS_WRITE"
	AuditRead          APIScope = "AUDIT_READ"
	WebhooksWrite      APIScope = "WEBHOOKS_WRITE"
)

// APIScopes lists all of them.
var APIScopes = []APIScope{OrganisationsRead, OrganisationsWrite, UsersRead, UsersWrite, AuditRead, WebhooksWrite}

// APIToken is a partner's credential. The token itself is shown once, at its making; the database has only its hash.
type APIToken struct {
	ID     ID
	Portal string
	// Organisation is the one that the token is for; or WholePortal; or where it is for several, the token's own id.
	Organisation ID
	// Organisations are the several; empty for every other token.
	Organisations []ID
	Name          string
	Scopes        []APIScope
	// Networks are those from which the token works; empty: from everywhere.
	Networks  []netip.Prefix
	CreatedAt time.Time
	// ExpiresAt is nil for a token without an end. Rotation brings it forward.
	ExpiresAt *time.Time
	// LastUsedAt is the first use in the minute of the last one; nil: it never was used.
	LastUsedAt *time.Time
	// CreatedBy is the user who made it, with whom it ends; "" for one that the operator made.
	CreatedBy ID
	RevokedAt *time.Time
	// RotatedAt is when ReplacedBy was made to take its place; nil: it wasn't rotated.
	RotatedAt  *time.Time
	ReplacedBy ID
}

// Alive tells whether the token can be used.
func (t APIToken) Alive(now time.Time) bool {
	return t.RevokedAt == nil && (t.ExpiresAt == nil || now.Before(*t.ExpiresAt))
}

// Tenant is how far the token's work reaches. A token for several organisations has its own place besides them.
func (t APIToken) Tenant() Tenant {
	if len(t.Organisations) > 0 {
		return Chosen(t.Portal, append([]ID{t.Organisation}, t.Organisations...)...)
	}
	return Tenant{Portal: t.Portal, Organisation: t.Organisation}
}

// OrganisationIDs are the organisations that the token is for; nil: all of the portal.
func (t APIToken) OrganisationIDs() []ID {
	switch {
	case len(t.Organisations) > 0:
		return t.Organisations
	case t.Organisation == WholePortal:
		return nil
	}
	return []ID{t.Organisation}
}

// AllowedNetworks are the token's networks in text.
func (t APIToken) AllowedNetworks() []string {
	texts := make([]string, len(t.Networks))
	for i, network := range t.Networks {
		texts[i] = network.String()
	}
	return texts
}

// StandsBy decides whether a token still has somebody behind it who could make it: whoever made it, nil for somebody who is
// gone, must be active, and a portal administrator, or the main user of the organisation that it is for.
func (t APIToken) StandsBy(maker *User) bool {
	if t.CreatedBy == "" {
		return true // the operator's
	}
	if maker == nil || maker.ID != t.CreatedBy {
		return false
	}
	if status := maker.Status(); status != StatusActive && status != StatusReRegistering {
		return false
	}
	return maker.Role == PortalAdmin || maker.Role == MainUser && maker.OrganisationID == t.Organisation
}

// CheckNetwork refuses a client outside of the token's networks (NETWORK_NOT_ALLOWED), and one without an address where
// there are any.
func (t APIToken) CheckNetwork(client Client) error {
	if len(t.Networks) == 0 {
		return nil
	}
	address, err := netip.ParseAddr(client.IPAddress)
	if err != nil {
		return Refuse(NetworkNotAllowed)
	}
	for _, network := range t.Networks {
		if network.Contains(address.Unmap().WithZone("")) {
			return nil
		}
	}
	return Refuse(NetworkNotAllowed)
}

// MostNetworks and MostOrganisations bound what one token names.
const (
	MostNetworks      = 50
	MostOrganisations = 100
)

// ParseNetworks reads networks as CIDRs, of IPv4 and IPv6; an address alone is a network of one. It refuses a network of
// everybody, and one that doesn't begin where its bits say.
func ParseNetworks(texts []string, path ...string) ([]netip.Prefix, error) {
	if len(texts) > MostNetworks {
		return nil, Refuse(InvalidInput, path...)
	}
	var networks []netip.Prefix
	for _, text := range texts {
		network, err := netip.ParsePrefix(text)
		if address, alone := netip.ParseAddr(text); alone == nil && address.Zone() == "" {
			address = address.Unmap()
			network, err = netip.PrefixFrom(address, address.BitLen()), nil
		}
		if err != nil || network.Bits() == 0 || network != network.Masked() || network.Addr().Is4In6() {
			return nil, Refuse(InvalidInput, path...)
		}
		if !slices.Contains(networks, network) {
			networks = append(networks, network)
		}
	}
	return networks, nil
}

// How long a rotated secret, an API token's or a webhook endpoint's, works beside the one that takes its place.
const (
	DefaultOverlap = 24 * time.Hour
	LongestOverlap = 30 * 24 * time.Hour
)

// CheckOverlap refuses an overlap that is negative, or longer than LongestOverlap.
func CheckOverlap(overlap time.Duration, path ...string) error {
	if overlap < 0 || overlap > LongestOverlap {
		return Refuse(InvalidInput, path...)
	}
	return nil
}

// Rotate is the token that takes this one's place, without an id, and when this one ends. The new one is for the same and
// lives as long as this one was meant to. Who rotates answers for the new one, so they must be able to make it. A token that
// was rotated, revoked or ended can't be (WRONG_STATUS).
func (t APIToken) Rotate(by User, overlap time.Duration, now time.Time) (next APIToken, end time.Time, err error) {
	if err := CheckOverlap(overlap, "input", "overlapSeconds"); err != nil {
		return next, end, err
	}
	if !t.Alive(now) || t.RotatedAt != nil {
		return next, end, Refuse(WrongStatus, "input", "id")
	}
	next = APIToken{
		Portal: t.Portal, Organisation: t.Organisation, Organisations: t.Organisations, Name: t.Name, Scopes: t.Scopes,
		Networks: t.Networks, CreatedBy: by.ID,
	}
	if end = now.Add(overlap); t.ExpiresAt != nil {
		lives := now.Add(t.ExpiresAt.Sub(t.CreatedAt))
		next.ExpiresAt = &lives
		if t.ExpiresAt.Before(end) {
			end = *t.ExpiresAt
		}
	}
	return next, end, CheckAPIToken(next.Scopes, next.ExpiresAt, by.Role, now)
}

// APITokenFilter narrows a list of API tokens; the zero value doesn't.
type APITokenFilter struct {
	// IsAlive asks for those that can be used, or for those that can't.
	IsAlive *bool
}

// Has tells whether the token has a scope.
func (t APIToken) Has(scope APIScope) bool {
	for _, s := range t.Scopes {
		if s == scope {
			return true
		}
	}
	return false
}

// ParseAPIScope refuses what is no scope.
func ParseAPIScope(text string) (APIScope, error) {
	for _, scope := range APIScopes {
		if string(scope) == text {
			return scope, nil
		}
	}
	return "", Refuse(InvalidInput, "scopes")
}

// LongestAPITokenLifetime bounds an API token's life.
const LongestAPITokenLifetime = 2 * 365 * 24 * time.Hour

// CheckAPIToken refuses a token without scopes, one that would be dead at birth, and one that lives too long. A main user
// can only hand out what a main user may do.
func CheckAPIToken(scopes []APIScope, expiresAt *time.Time, by UserRole, now time.Time) error {
	if len(scopes) == 0 {
		return Refuse(InvalidInput, "input", "scopes")
	}
	for _, scope := range scopes {
		if by == MainUser && (scope == OrganisationsWrite || scope == WebhooksWrite) {
			return Refuse(RoleNotGrantable, "input", "scopes")
		}
	}
	if expiresAt != nil && (!expiresAt.After(now) || expiresAt.Sub(now) > LongestAPITokenLifetime) {
		return Refuse(InvalidInput, "input", "expiresAt")
	}
	return nil
}
