package identity

import (
	"slices"
	"strings"
	"testing"
)

func TestANameIsTrimmedAndMustBeSeen(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Van Joosten Transport": "Van Joosten Transport", " \tJ. Wientjes\n": "J. Wientjes", "Łukasz Żółć": "Łukasz Żółć",
		"d'Hondt & Zn. (Gent)": "d'Hondt & Zn. (Gent)", "山田": "山田", strings.Repeat("é", 200): strings.Repeat("é", 200),
		"  " + strings.Repeat("a", 200) + "  ": strings.Repeat("a", 200),
	} {
		if got, err := CleanName(name); err != nil || got != want {
			t.Errorf("%q: %q, %v", name, got, err)
		}
	}
	for _, name := range []string{
		"", " ", "\u00a0", strings.Repeat("é", 201), "Jan\nPiet", "Jan\r\nBcc: piet@tvm.test", "Jan\tPiet", "Jan\x00", "Jan\x1b[31m",
		"\u202enaJ", "Jan\u200b", "Jan\ufeff", "Jan\xff", "Jan\ue000",
	} {
		got, err := CleanName(name, "input", "name")
		refused(t, err, InvalidInput)
		if got != "" || !slices.Equal(pathOf(err), []string{"input", "name"}) {
			t.Errorf("%q: %q, %v", name, got, err)
		}
	}
}

func TestATenantIsAnOrganisationUnlessTheWholePortalIsSaid(t *testing.T) {
	t.Parallel()
	want := Tenant{Portal: "tvm", Organisation: "org_1"}
	if transporter().Tenant() != want || joost().Tenant() != want {
		t.Errorf("%v, %v", transporter().Tenant(), joost().Tenant())
	}
	if across := AcrossPortal("tvm"); across.Organisation == "" || across.Organisation.Kind() != "" || across.Portal != "tvm" {
		t.Errorf("%v could be mistaken for an organisation, or for a forgotten one", across)
	}
}

func TestWhichOrganisationCanBeRemovedAndErased(t *testing.T) {
	t.Parallel()
	living, removed, erased := Organisation{Name: "Joosten"}, Organisation{Name: "Joosten", RemovedAt: &noon}, Organisation{RemovedAt: &noon}
	refused(t, living.CheckRemoval(), "")
	refused(t, Organisation{IsOperator: true}.CheckRemoval(), WrongStatus)
	refused(t, living.CheckErasure(), WrongStatus)
	refused(t, removed.CheckErasure(), "")
	if living.IsErased() || removed.IsErased() || !erased.IsErased() {
		t.Error("what was removed and has no name was erased, and nothing else")
	}
}

func TestAProgramEndsNoOrganisationThatItWorksForAlone(t *testing.T) {
	t.Parallel()
	customer, operator := Organisation{ID: "org_1"}, Organisation{ID: "org_2", IsOperator: true}
	for _, row := range []struct {
		sentence string
		actor    Actor
		to       Organisation
		kind     SupportActionKind
		want     Code
	}{
		{"staff ends it", Actor{}, customer, RemoveCustomer, ""},
		{"a program for the whole portal ends it", Actor{Token: &APIToken{Organisation: WholePortal}}, customer, RemoveCustomer, ""},
		{"a program for several organisations ends it", Actor{Token: &APIToken{Organisation: "tok_1", Organisations: []ID{"org_1"}}}, customer, EraseCustomer, ""},
		{"a program for it alone doesn't", Actor{Token: &APIToken{Organisation: "org_1"}}, customer, RemoveCustomer, Forbidden},
		{"nor does it erase it", Actor{Token: &APIToken{Organisation: "org_1"}}, customer, EraseCustomer, Forbidden},
		{"no program knows of the portal's own", Actor{Token: &APIToken{Organisation: WholePortal}}, operator, RemoveCustomer, NotFound},
	} {
		t.Run(row.sentence, func(t *testing.T) {
			t.Parallel()
			refused(t, row.actor.CheckDisposes(row.kind, row.to), row.want)
		})
	}
}
