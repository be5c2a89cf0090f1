package identity_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

func TestWhatTheRegisterSaysDecidesWhetherABusinessIsVerified(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	open := identity.RegisterEntry{Exists: true, LegalName: "Test BV Donald", Establishments: []identity.EstablishmentNumber{"000037178598"}}
	ended := func(on string) identity.RegisterEntry {
		entry := open
		entry.EndedOn = on
		return entry
	}
	before := identity.BusinessIdentity{KVKNumber: "68750110", LegalName: "Donald", RegisterStatus: identity.Unverified}
	verified := before.Checked(open, now.Add(-time.Hour))
	for name, row := range map[string]struct {
		before identity.BusinessIdentity
		entry  identity.RegisterEntry
		want   identity.RegisterStatus
		called string
		again  time.Duration
	}{
		"it exists":                          {before, open, identity.Verified, "Test BV Donald", 30 * 24 * time.Hour},
		"it still exists":                    {verified, open, identity.Verified, "Test BV Donald", 30 * 24 * time.Hour},
		"there is no such number":            {before, identity.RegisterEntry{}, identity.NotRegistered, "Donald", 24 * time.Hour},
		"there is no such number any more":   {verified, identity.RegisterEntry{}, identity.NotRegistered, "Test BV Donald", 24 * time.Hour},
		"it ended":                           {verified, ended("20261121"), identity.Deregistered, "Test BV Donald", 30 * 24 * time.Hour},
		"it ends today":                      {before, ended("20261122"), identity.Deregistered, "Test BV Donald", 30 * 24 * time.Hour},
		"it will end":                        {before, ended("20261123"), identity.Verified, "Test BV Donald", 30 * 24 * time.Hour},
		"it ended on a day that isn't known": {before, ended("20261100"), identity.Deregistered, "Test BV Donald", 30 * 24 * time.Hour},
		"it ended in a year that is past":    {before, ended("20260000"), identity.Deregistered, "Test BV Donald", 30 * 24 * time.Hour},
		"its end can't be read":              {before, ended("soon"), identity.Deregistered, "Test BV Donald", 30 * 24 * time.Hour},
		"its name isn't told":                {before, identity.RegisterEntry{Exists: true}, identity.Verified, "Donald", 30 * 24 * time.Hour},
	} {
		after := row.before.Checked(row.entry, now)
		if after.RegisterStatus != row.want || after.LegalName != row.called || !after.CheckDueAt.Equal(now.Add(row.again)) {
			t.Errorf("%s: it is %s, called %s, asked about again on %s", name, after.RegisterStatus, after.LegalName, after.CheckDueAt)
		}
		if isVerified := after.VerifiedAt != nil && after.VerifiedAt.Equal(now); isVerified != (row.want == identity.Verified) {
			t.Errorf("%s: verified at %v", name, after.VerifiedAt)
		}
		if !slices.Equal(after.RegisteredEstablishments, row.entry.Establishments) {
			t.Errorf("%s: its establishments are %v", name, after.RegisteredEstablishments)
		}
	}
}

func TestTheEstablishmentsThatMayActAreThoseNamedOrElseThoseRegistered(t *testing.T) {
	t.Parallel()
	const named, registered, neither = "000000000001", "000000000002", "000000000003"
	all := identity.BusinessIdentity{RegisterStatus: identity.Verified, RegisteredEstablishments: []identity.EstablishmentNumber{registered}}
	some := all
	some.EstablishmentNumbers = []identity.EstablishmentNumber{named}
	unknown := identity.BusinessIdentity{RegisterStatus: identity.Unverified}
	for _, row := range []struct {
		b    identity.BusinessIdentity
		may  []identity.EstablishmentNumber
		odd  []identity.EstablishmentNumber
		name string
	}{
		{all, []identity.EstablishmentNumber{registered}, nil, "none named"},
		{some, []identity.EstablishmentNumber{named}, []identity.EstablishmentNumber{named}, "another named than is registered"},
		{unknown, nil, nil, "nothing known"},
		{identity.BusinessIdentity{EstablishmentNumbers: []identity.EstablishmentNumber{named}}, []identity.EstablishmentNumber{named}, nil, "unverified"},
	} {
		for _, one := range []identity.EstablishmentNumber{named, registered, neither, ""} {
			if got, want := row.b.MayAct(one), slices.Contains(row.may, one); got != want {
				t.Errorf("%s: %s may act: %t, want %t", row.name, one, got, want)
			}
		}
		if got := row.b.UnknownEstablishmentNumbers(); !slices.Equal(got, row.odd) || got == nil {
			t.Errorf("%s: the register doesn't know %v, want %v", row.name, got, row.odd)
		}
	}
}

func TestABusinessIsNamedByItsNumbersOnce(t *testing.T) {
	t.Parallel()
	numbers := func(count int) (all []identity.EstablishmentNumber) {
		for i := range count {
			all = append(all, identity.EstablishmentNumber(fmt.Sprintf("%012d", i)))
		}
		return all
	}
	businesses := func(count int) (all []identity.NamedBusiness) {
		for i := range count {
			all = append(all, identity.NamedBusiness{KVKNumber: identity.KVKNumber(fmt.Sprintf("%08d", i))})
		}
		return all
	}
	for name, row := range map[string]struct {
		wanted []identity.NamedBusiness
		want   string // where it is wrong
	}{
		"none":                        {nil, ""},
		"fifty":                       {businesses(50), ""},
		"fifty-one":                   {businesses(51), "input.businessIdentities"},
		"with establishments":         {[]identity.NamedBusiness{{"00000001", numbers(200)}}, ""},
		"with too many":               {[]identity.NamedBusiness{{"00000001", numbers(201)}}, "input.businessIdentities.0.establishmentNumbers"},
		"with one twice":              {[]identity.NamedBusiness{{"00000001", append(numbers(2), "000000000000")}}, "input.businessIdentities.0.establishmentNumbers.2"},
		"with one that is none":       {[]identity.NamedBusiness{{"00000001", []identity.EstablishmentNumber{"37178598"}}}, "input.businessIdentities.0.establishmentNumbers.0"},
		"twice":                       {append(businesses(2), businesses(1)...), "input.businessIdentities.2.kvkNumber"},
		"without its leading zero":    {[]identity.NamedBusiness{{KVKNumber: "1234567"}}, "input.businessIdentities.0.kvkNumber"},
		"by an establishment":         {[]identity.NamedBusiness{{KVKNumber: "000037178598"}}, "input.businessIdentities.0.kvkNumber"},
		"with a space":                {[]identity.NamedBusiness{{KVKNumber: "69599084 "}}, "input.businessIdentities.0.kvkNumber"},
		"in other digits than 0 to 9": {[]identity.NamedBusiness{{KVKNumber: "٦٩٥٩٩٠٨٤"}}, "input.businessIdentities.0.kvkNumber"},
	} {
		err := identity.CheckBusinesses(row.wanted, "input", "businessIdentities")
		var at string
		if refusals, ok := identity.Refusals(err); ok {
			at = strings.Join(refusals[0].Path, ".")
		}
		if at != row.want || (err == nil) != (row.want == "") {
			t.Errorf("%s: refused at %q (%v), want %q", name, at, err, row.want)
		}
	}
}

func TestAnOrganisationBecomesExactlyTheBusinessesThatItShallBe(t *testing.T) {
	t.Parallel()
	has := []identity.BusinessIdentity{
		{ID: "biz_1", KVKNumber: "00000001"},
		{ID: "biz_2", KVKNumber: "00000002", EstablishmentNumbers: []identity.EstablishmentNumber{"000000000002"}},
		{ID: "biz_3", KVKNumber: "00000003"},
	}
	for name, row := range map[string]struct{ wanted, want string }{
		"none":                 {"", "-1 -2 -3"},
		"as it is":             {"1 2:2 3", ""},
		"in another order":     {"3 1 2:2", ""},
		"other establishments": {"1:1 2 3", "~1 ~2"},
		"one more":             {"1 2:2 3 4:4", "+4"},
		"one for another":      {"4 1 2:2", "-3 +4"},
	} {
		var wanted []identity.NamedBusiness
		for word := range strings.FieldsSeq(row.wanted) {
			number, establishment, limited := strings.Cut(word, ":")
			business := identity.NamedBusiness{KVKNumber: identity.KVKNumber("0000000" + number)}
			if limited {
				business.EstablishmentNumbers = []identity.EstablishmentNumber{identity.EstablishmentNumber("00000000000" + establishment)}
			}
			wanted = append(wanted, business)
		}
		changes := identity.ChangeBusinesses(has, wanted)
		var got []string
		for _, b := range changes.Removed {
			got = append(got, "-"+string(b.KVKNumber[7]))
		}
		for _, b := range changes.Changed {
			got = append(got, "~"+string(b.KVKNumber[7]))
		}
		for _, b := range changes.Added {
			got = append(got, "+"+string(b.KVKNumber[7]))
		}
		if strings.Join(got, " ") != row.want {
			t.Errorf("%s: %v, want %s", name, got, row.want)
		}
	}
}

func TestOnlyWhoWorksAcrossThePortalSaysWhichBusinessesAnOrganisationIs(t *testing.T) {
	t.Parallel()
	customer, operator := identity.Organisation{ID: "org_1"}, identity.Organisation{ID: "org_2", IsOperator: true}
	session := func(role identity.UserRole) identity.Actor {
		return identity.Actor{Session: &identity.Session{}, User: &identity.User{Role: role}, Organisation: &customer}
	}
	for name, row := range map[string]struct {
		actor        identity.Actor
		organisation identity.Organisation
		want         identity.Code
	}{
		"a partner":                     {identity.Actor{Token: &identity.APIToken{Organisation: identity.WholePortal}}, customer, ""},
		"a partner of one organisation": {identity.Actor{Token: &identity.APIToken{Organisation: customer.ID}}, customer, identity.Forbidden},
		"a main user":                   {session(identity.MainUser), customer, identity.Forbidden},
		"a portal administrator":        {session(identity.PortalAdmin), customer, ""},
		"of the portal's own":           {session(identity.PortalAdmin), operator, identity.InvalidInput},
		"nobody":                        {identity.Actor{}, customer, identity.Forbidden},
	} {
		var got identity.Code
		if refusals, ok := identity.Refusals(row.actor.CheckIdentifies(row.organisation)); ok {
			got = refusals[0].Code
		}
		if got != row.want {
			t.Errorf("%s: %q, want %q", name, got, row.want)
		}
	}
}
