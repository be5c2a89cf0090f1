package identity

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAMessageSpeaksTheUsersLanguageWhereThePortalDoes(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		sentence string
		portal   []Language
		user     Language
		want     Language
	}{
		{"Dutch to who wants Dutch", []Language{Dutch, English}, Dutch, Dutch},
		{"English to who wants English", []Language{Dutch, English}, English, English},
		{"the portal's own to who never said", []Language{Dutch, English}, "", Dutch},
		{"the portal's own to who wants another", []Language{English, Dutch}, "fr", English},
		{"Dutch where the portal has no English", []Language{Dutch}, English, Dutch},
	} {
		t.Run(row.sentence, func(t *testing.T) {
			t.Parallel()
			portal, user := tvm(), joost()
			portal.Languages, user.Language = row.portal, row.user
			want := Message{
				Portal: "tvm", Organisation: "org_1", User: "usr_joost", Kind: PasswordChangedMessage, Language: row.want,
				To: "joost@tvm.test", Name: "Jonnie van Joosten", OrganisationName: "Van Joosten Transport",
			}
			if diff := cmp.Diff(want, PasswordChangedMessage.To(portal, transporter(), user)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAPortalSpeaksTheFirstWantedLanguageItHas(t *testing.T) {
	t.Parallel()
	portal := Portal{Languages: []Language{Dutch, English}}
	for _, row := range []struct {
		wanted []Language
		want   Language
	}{
		{nil, Dutch}, {[]Language{"fr", English}, English}, {[]Language{English, Dutch}, English}, {[]Language{"", "fr"}, Dutch},
	} {
		if got := portal.Speak(row.wanted...); got != row.want {
			t.Errorf("%v: %s, want %s", row.wanted, got, row.want)
		}
	}
}

func TestEachPurposeHasItsMail(t *testing.T) {
	t.Parallel()
	for purpose, want := range map[LinkPurpose]MessageKind{
		ForInvitation: InvitationMessage, ForReRegistration: ReRegistrationMessage, ForPasswordReset: PasswordResetMessage,
	} {
		if got := MessageFor(purpose); got != want {
			t.Errorf("%s is mailed as %s, want %s", purpose, got, want)
		}
	}
}

func TestAMailsLinkCarriesItsTokenInTheFragment(t *testing.T) {
	t.Parallel()
	spa := SPA{Origin: "https://mijn.tvm.example", PasswordPath: "/wachtwoord", SignInPath: "/inloggen", UndoPath: "/ongedaan"}
	if got := spa.PasswordLink("t0k3n"); got != "https://mijn.tvm.example/wachtwoord#token=t0k3n" {
		t.Error(got)
	}
	if got := spa.UndoLink("t0k3n"); got != "https://mijn.tvm.example/ongedaan#token=t0k3n" {
		t.Error(got)
	}
	if got := spa.SignInLink(); got != "https://mijn.tvm.example/inloggen" {
		t.Error(got)
	}
}
