package identity

import (
	"slices"
	"testing"
	"time"
)

func TestAnAPITokenIsMadeWithScopesAndAnEndInReach(t *testing.T) {
	t.Parallel()
	end := func(lifetime time.Duration) *time.Time { return pointer(noon.Add(lifetime)) }
	reading := []APIScope{OrganisationsRead, UsersRead, AuditRead}
	for _, row := range []struct {
		sentence string
		by       UserRole
		scopes   []APIScope
		end      *time.Time
		want     Code
		at       string
	}{
		{"a main user's that reads", MainUser, reading, end(time.Hour), "", ""},
		{"a main user's that manages users", MainUser, []APIScope{UsersWrite}, end(time.Hour), "", ""},
		{"a portal's that does everything", PortalAdmin, APIScopes, nil, "", ""},
		{"one that ends in two years", MainUser, reading, end(LongestAPITokenLifetime), "", ""},
		{"one that barely lives", MainUser, reading, end(tick), "", ""},
		{"none without scopes", PortalAdmin, nil, end(time.Hour), InvalidInput, "scopes"},
		{"a main user can't hand out what only the portal may: organisations", MainUser, []APIScope{UsersRead, OrganisationsWrite}, nil, RoleNotGrantable, "scopes"},
		{"nor webhooks", MainUser, []APIScope{WebhooksWrite}, nil, RoleNotGrantable, "scopes"},
		{"none that is dead at birth", PortalAdmin, reading, end(0), InvalidInput, "expiresAt"},
		{"none that ended yesterday", PortalAdmin, reading, &yesterday, InvalidInput, "expiresAt"},
		{"none that outlives two years", PortalAdmin, reading, end(LongestAPITokenLifetime + tick), InvalidInput, "expiresAt"},
	} {
		t.Run(row.sentence, func(t *testing.T) {
			t.Parallel()
			err := CheckAPIToken(row.scopes, row.end, row.by, noon)
			refused(t, err, row.want)
			if row.at != "" && !slices.Equal(pathOf(err), []string{"input", row.at}) {
				t.Errorf("points at %v", pathOf(err))
			}
		})
	}
}

func TestAnAPITokenLivesUntilItsEndOrItsRevocation(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		sentence string
		token    APIToken
		want     bool
	}{
		{"without an end", APIToken{}, true},
		{"before its end", APIToken{ExpiresAt: pointer(noon.Add(tick))}, true},
		{"at its end", APIToken{ExpiresAt: &noon}, false},
		{"after its end", APIToken{ExpiresAt: &yesterday}, false},
		{"revoked", APIToken{RevokedAt: &noon}, false},
		{"revoked before its end", APIToken{RevokedAt: &yesterday, ExpiresAt: &later}, false},
	} {
		if got := row.token.Alive(noon); got != row.want {
			t.Errorf("%s: alive is %t", row.sentence, got)
		}
	}
}

func TestAScopeIsOneOfTheListAndGivesNothingElse(t *testing.T) {
	t.Parallel()
	for _, scope := range APIScopes {
		if got, err := ParseAPIScope(string(scope)); err != nil || got != scope {
			t.Errorf("%s: %s, %v", scope, got, err)
		}
		for _, other := range APIScopes {
			if (APIToken{Scopes: []APIScope{scope}}).Has(other) != (scope == other) {
				t.Errorf("%s gives %s: %t", scope, other, scope != other)
			}
		}
	}
	for _, text := range []string{"", "users_read", "USERS_READ ", "USERS", "*"} {
		got, err := ParseAPIScope(text)
		if refused(t, err, InvalidInput); got != "" {
			t.Errorf("%q is %s", text, got)
		}
	}
}
