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
