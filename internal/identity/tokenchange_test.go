package identity

import (
	"slices"
	"testing"
	"time"
)

func TestAnAPITokenIsChangedWithinWhatItsChangerCouldMakeAndNeverGrowsScopesOrLife(t *testing.T) {
	t.Parallel()
	admin, main := User{ID: "usr_1", Role: PortalAdmin}, User{ID: "usr_2", Role: MainUser}
	reads := APIToken{Scopes: []APIScope{UsersRead, UsersWrite}, ExpiresAt: pointer(noon.Add(time.Hour))}
	portals := APIToken{Scopes: []APIScope{OrganisationsWrite, UsersRead}}
	with := func(t APIToken, change func(*APIToken)) APIToken { change(&t); return t }
	until := func(end *time.Time) func(*APIToken) { return func(t *APIToken) { t.ExpiresAt = end } }
	scoped := func(scopes ...APIScope) func(*APIToken) { return func(t *APIToken) { t.Scopes = scopes } }
	for _, row := range []struct {
		sentence string
		token    APIToken
		next     APIToken
		by       User
		want     Code
		at       string
	}{
		{"another name", reads, with(reads, func(t *APIToken) { t.Name = "n" }), main, "", ""},
		{"one scope fewer", reads, with(reads, scoped(UsersRead)), main, "", ""},
		{"not one more", reads, with(reads, scoped(UsersRead, AuditRead)), admin, InvalidInput, "scopes"},
		{"not none at all", reads, with(reads, scoped()), main, InvalidInput, "scopes"},
		{"a sooner end", reads, with(reads, until(pointer(noon.Add(time.Minute)))), main, "", ""},
		{"an end where there was none", portals, with(portals, until(pointer(noon.Add(time.Minute)))), admin, "", ""},
		{"not a later end", reads, with(reads, until(pointer(noon.Add(time.Hour+tick)))), admin, InvalidInput, "expiresAt"},
		{"not no end", reads, with(reads, until(nil)), admin, InvalidInput, "expiresAt"},
		{"not an end that was", reads, with(reads, until(&noon)), admin, InvalidInput, "expiresAt"},
		{"not by who couldn't make it", portals, with(portals, func(t *APIToken) { t.Name = "n" }), main, RoleNotGrantable, "scopes"},
		{"down to what they could make", portals, with(portals, scoped(UsersRead)), main, "", ""},
		{"not one that was rotated", with(reads, func(t *APIToken) { t.RotatedAt = &yesterday }), reads, admin, WrongStatus, "id"},
		{"not one that was revoked", with(reads, func(t *APIToken) { t.RevokedAt = &yesterday }), reads, admin, WrongStatus, "id"},
		{"not one that has ended", with(reads, until(&noon)), reads, admin, WrongStatus, "id"},
	} {
		t.Run(row.sentence, func(t *testing.T) {
			t.Parallel()
			err := row.token.CheckChange(row.next, row.by, noon)
			refused(t, err, row.want)
			if row.at != "" && !slices.Equal(pathOf(err), []string{"input", row.at}) {
				t.Errorf("points at %v", pathOf(err))
			}
		})
	}
	both := reads.CheckChange(APIToken{Scopes: APIScopes}, admin, noon)
	if all, _ := Refusals(both); len(all) != 2 {
		t.Errorf("two faults are told as %v", both)
	}
}

func TestATokenThatReachesFurtherIsTold(t *testing.T) {
	t.Parallel()
	networks := func(texts ...string) APIToken {
		parsed, err := ParseNetworks(texts)
		if err != nil {
			t.Fatal(err)
		}
		return APIToken{Organisation: "org_1", Networks: parsed}
	}
	one, several := APIToken{Organisation: "org_1"}, APIToken{Organisation: "tok_1", Organisations: []ID{"org_1", "org_2"}}
	whole := APIToken{Organisation: WholePortal}
	for _, row := range []struct {
		sentence   string
		next, last APIToken
		want       bool
	}{
		{"the same one", one, one, false},
		{"one of several", one, several, false},
		{"one of the whole portal", one, whole, false},
		{"several, where it was one", several, one, true},
		{"another one", APIToken{Organisation: "org_2"}, one, true},
		{"the whole portal, where it was one", whole, one, true},
		{"bound, where it was free", networks("192.0.2.0/24"), networks(), false},
		{"free, where it was bound", networks(), networks("192.0.2.0/24"), true},
		{"a part of a network", networks("192.0.2.128/25"), networks("192.0.2.0/24"), false},
		{"a wider network", networks("192.0.0.0/16"), networks("192.0.2.0/24"), true},
		{"one network more", networks("192.0.2.0/24", "198.51.100.0/24"), networks("192.0.2.0/24"), true},
		{"another kind of network", networks("2001:db8::/32"), networks("192.0.2.0/24"), true},
	} {
		if got := row.next.ReachesBeyond(row.last); got != row.want {
			t.Errorf("%s: reaches beyond is %t", row.sentence, got)
		}
	}
}

func TestWhatDiffersInATokenIsNamed(t *testing.T) {
	t.Parallel()
	bound, err := ParseNetworks([]string{"192.0.2.0/24"})
	if err != nil {
		t.Fatal(err)
	}
	was := APIToken{Organisation: "org_1", Name: "a", Scopes: []APIScope{UsersRead, AuditRead}, ExpiresAt: &later}
	for _, row := range []struct {
		next APIToken
		want []string
	}{
		{APIToken{Organisation: "org_1", Name: "a", Scopes: []APIScope{AuditRead, UsersRead}, ExpiresAt: pointer(later)}, nil},
		{APIToken{Organisation: "org_1", Name: "a", Scopes: was.Scopes}, []string{"expiresAt"}},
		{
			APIToken{Organisation: "org_2", Name: "b", Scopes: []APIScope{AuditRead}, ExpiresAt: &noon, Networks: bound},
			[]string{"name", "scopes", "expiresAt", "organisationIds", "allowedNetworks"},
		},
	} {
		if got := row.next.Differences(was); !slices.Equal(got, row.want) {
			t.Errorf("differs in %v, want %v", got, row.want)
		}
	}
}
