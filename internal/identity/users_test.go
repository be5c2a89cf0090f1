package identity

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestAUserStandsInAListByTheOrdersKeysAndThenTheirID(t *testing.T) {
	t.Parallel()
	user := joost()
	user.Email = "Joost@TVM.test"
	user.Role = SuperSubUser
	signedIn := user
	signedIn.LastSignInAt = pointer(time.Date(2025, time.June, 11, 14, 0, 0, 120_000_000, time.FixedZone("", 7200)))
	for _, row := range []struct {
		field UserOrderField
		user  User
		want  Cursor
	}{
		{ByDisplayName, user, Cursor{"jonnie van joosten", "usr_joost"}},
		{ByEmailAddress, user, Cursor{"joost@tvm.test", "usr_joost"}},
		{ByCreation, user, Cursor{"usr_joost"}}, // ids sort by their making
		{"", user, Cursor{"usr_joost"}},
		{ByRole, user, Cursor{"2", "jonnie van joosten", "usr_joost"}},
		{ByStatus, user, Cursor{"4", "jonnie van joosten", "usr_joost"}},
		{ByLastSignIn, user, Cursor{"0001-01-01 00:00:00+00:00", "usr_joost"}},
		{ByLastSignIn, signedIn, Cursor{"2025-06-11 12:00:00.12+00:00", "usr_joost"}},
	} {
		if diff := cmp.Diff(row.want, UserOrder{Field: row.field}.Cursor(row.user)); diff != "" {
			t.Errorf("%s: %s", row.field, diff)
		}
	}
}

func TestInstantsSortAsTheirTextsDo(t *testing.T) {
	t.Parallel()
	whole := time.Date(2025, time.June, 11, 12, 0, 0, 0, time.UTC)
	var texts []string
	for _, after := range []int64{0, 1, 9, 10, 11, 100, 99_999, 100_000, 500_000, 500_001, 999_999, 1_000_000, 10_000_000} {
		texts = append(texts, SortableInstant(time.UnixMicro(whole.UnixMicro()+after)))
	}
	if never := SortableInstant(time.Time{}); !slices.IsSorted(append([]string{never}, texts...)) {
		t.Errorf("%s isn't in the order of time", texts)
	}
}

func TestAFilterOfAListIsBounded(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		filter UserFilter
		want   Code
	}{
		{UserFilter{}, ""},
		{UserFilter{Search: pointer(strings.Repeat("é", 200)), Roles: make([]UserRole, 20), Statuses: make([]UserStatus, 20), FactorKinds: make([]FactorKind, 20)}, ""},
		{UserFilter{Search: pointer(strings.Repeat("é", 201))}, BadUserInput},
		{UserFilter{Roles: make([]UserRole, 21)}, BadUserInput},
		{UserFilter{Statuses: make([]UserStatus, 21)}, BadUserInput},
		{UserFilter{FactorKinds: make([]FactorKind, 21)}, BadUserInput},
	} {
		refused(t, row.filter.Check(), row.want)
	}
	refused(t, OrganisationFilter{Search: pointer(strings.Repeat("é", 200))}.Check(), "")
	refused(t, OrganisationFilter{Search: pointer(strings.Repeat("é", 201))}.Check(), BadUserInput)
}

func TestTheRemovedAreListedForWhoAsksForThem(t *testing.T) {
	t.Parallel()
	for want, filters := range map[bool][]UserFilter{
		true:  {{Status: pointer(StatusRemoved)}, {Statuses: []UserStatus{StatusActive, StatusRemoved}}},
		false: {{}, {Status: pointer(StatusActive)}, {Statuses: []UserStatus{StatusActive, StatusBlocked}}},
	} {
		for _, filter := range filters {
			if filter.WantsRemoved() != want {
				t.Errorf("%v wants the removed: %t", filter, !want)
			}
		}
	}
}

func TestAnOrganisationStandsInAListByNameOrByItsMaking(t *testing.T) {
	t.Parallel()
	o := Organisation{ID: "org_1", Name: " Élan BV"}
	for field, want := range map[OrganisationOrderField]Cursor{ByOrganisationName: {"élan bv", "org_1"}, "": {"élan bv", "org_1"}, ByOrganisationCreation: {"org_1"}} {
		if diff := cmp.Diff(want, OrganisationOrder{Field: field}.Cursor(o)); diff != "" {
			t.Errorf("%s: %s", field, diff)
		}
	}
}
