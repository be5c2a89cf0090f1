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

func TestAnAPITokenStandsWhileItsMakerCouldMakeIt(t *testing.T) {
	t.Parallel()
	maker := func(role UserRole, change func(*User)) *User {
		u := User{ID: "usr_1", OrganisationID: "org_1", Role: role, Registration: Registered}
		if change != nil {
			change(&u)
		}
		return &u
	}
	own, whole := APIToken{CreatedBy: "usr_1", Organisation: "org_1"}, APIToken{CreatedBy: "usr_1", Organisation: WholePortal}
	for _, row := range []struct {
		sentence string
		token    APIToken
		maker    *User
		want     bool
	}{
		{"the operator's has no maker", APIToken{Organisation: WholePortal}, nil, true},
		{"the main user's of their organisation", own, maker(MainUser, nil), true},
		{"while everybody registers again", own, maker(MainUser, func(u *User) { u.Registration = ReRegistering }), true},
		{"an administrator's of an organisation", own, maker(PortalAdmin, nil), true},
		{"an administrator's of the portal", whole, maker(PortalAdmin, nil), true},
		{"not once another is main user", own, maker(SuperSubUser, nil), false},
		{"not once an administrator is support", whole, maker(Support, nil), false},
		{"not of a main user for the portal", whole, maker(MainUser, nil), false},
		{"not of a main user for another organisation", APIToken{CreatedBy: "usr_1", Organisation: "org_2"}, maker(MainUser, nil), false},
		{"not of somebody blocked", own, maker(MainUser, func(u *User) { u.BlockedAt = &noon }), false},
		{"not of somebody removed", whole, maker(PortalAdmin, func(u *User) { u.Registration = Removed }), false},
		{"not of somebody who is gone", whole, nil, false},
		{"not by somebody else", whole, maker(PortalAdmin, func(u *User) { u.ID = "usr_2" }), false},
	} {
		if got := row.token.StandsBy(row.maker); got != row.want {
			t.Errorf("%s: stands is %t", row.sentence, got)
		}
	}
}

func TestAnAPITokenWorksFromItsNetworksAlone(t *testing.T) {
	t.Parallel()
	networks, err := ParseNetworks([]string{"192.0.2.0/24", "2001:db8::/32", "198.51.100.7", "::ffff:198.51.100.8"}, "input")
	if err != nil || len(networks) != 4 {
		t.Fatalf("read as %v (%v)", networks, err)
	}
	for address, want := range map[string]bool{
		"192.0.2.1": true, "::ffff:192.0.2.1": true, "192.0.3.1": false, "2001:db8::1": true, "2001:db9::1": false,
		"198.51.100.7": true, "198.51.100.8": true, "198.51.100.9": false, "": false, "nonsense": false,
	} {
		err := APIToken{Networks: networks}.CheckNetwork(Client{IPAddress: address})
		if (err == nil) != want {
			t.Errorf("from %q: %v", address, err)
		}
		if !want {
			refused(t, err, NetworkNotAllowed)
		}
	}
	if err := (APIToken{}).CheckNetwork(Client{}); err != nil {
		t.Errorf("without networks: %v", err)
	}
	for _, wrong := range []string{"", "192.0.2.1/24", "0.0.0.0/0", "::/0", "192.0.2.0/33", "example.nl", "fe80::1%eth0", "::ffff:192.0.2.0/120"} {
		_, err := ParseNetworks([]string{wrong}, "input")
		refused(t, err, InvalidInput)
	}
}

func TestARotatedTokenEndsWithTheOverlapOrSooner(t *testing.T) {
	t.Parallel()
	admin, main := User{ID: "usr_1", Role: PortalAdmin}, User{ID: "usr_2", Role: MainUser}
	lives := APIToken{Scopes: []APIScope{UsersRead}, CreatedAt: noon.Add(-9 * time.Hour), ExpiresAt: pointer(noon.Add(time.Hour))}
	next, end, err := lives.Rotate(main, DefaultOverlap, noon)
	if err != nil || !end.Equal(*lives.ExpiresAt) || !next.ExpiresAt.Equal(noon.Add(10*time.Hour)) || next.CreatedBy != main.ID {
		t.Errorf("ends %s, and %v takes its place (%v)", end, next, err)
	}
	if _, end, err := (APIToken{Scopes: APIScopes}).Rotate(admin, LongestOverlap, noon); err != nil || !end.Equal(noon.Add(LongestOverlap)) {
		t.Errorf("ends %s (%v)", end, err)
	}
	for _, row := range []struct {
		token   APIToken
		by      User
		overlap time.Duration
		want    Code
	}{
		{lives, main, -tick, InvalidInput},
		{lives, main, LongestOverlap + tick, InvalidInput},
		{APIToken{Scopes: APIScopes}, main, 0, RoleNotGrantable},
		{APIToken{Scopes: APIScopes, RevokedAt: &yesterday}, admin, 0, WrongStatus},
		{APIToken{Scopes: APIScopes, ExpiresAt: &noon}, admin, 0, WrongStatus},
		{APIToken{Scopes: APIScopes, RotatedAt: &yesterday}, admin, 0, WrongStatus},
	} {
		_, _, err := row.token.Rotate(row.by, row.overlap, noon)
		refused(t, err, row.want)
	}
}

func TestATenantOfSeveralOrganisationsSpansJustThese(t *testing.T) {
	t.Parallel()
	several := APIToken{Portal: "p", Organisation: "tok_1", Organisations: []ID{"org_1", "org_2"}}.Tenant()
	for id, want := range map[ID]bool{"tok_1": true, "org_1": true, "org_2": true, "org_3": false, "org": false, "": false, "+": false, WholePortal: false} {
		if got := several.Spans(id); got != want {
			t.Errorf("it spans %q: %t", id, got)
		}
	}
	if one := (Tenant{Portal: "p", Organisation: "org_1"}); one.Chosen() != nil || !one.Spans("org_1") || one.Spans("org_2") {
		t.Error("one organisation is not several")
	}
	if !AcrossPortal("p").Spans("org_3") {
		t.Error("a whole portal is all of them")
	}
}
