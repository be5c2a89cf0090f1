package mail

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

const token = "Zm9yIHRlc3RzIG9ubHksIGEgdG9rZW4gb2YgMjU2IGI"

func amsterdam(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func examplePortal(t testing.TB) identity.Portal {
	return identity.Portal{
		Slug: "voorbeeld", Name: "Mijn Voorbeeld", Location: amsterdam(t),
		Languages: []identity.Language{identity.Dutch, identity.English},
		SPA: identity.SPA{
			Origin: "https://mijn.voorbeeld.nl", PasswordPath: "/wachtwoord", SignInPath: "/inloggen", UndoPath: "/ongedaan",
			StopPath: "/tegenhouden",
		},
		Mail: identity.MailSender{
			FromAddress: "online@voorbeeld.nl", FromName: "Voorbeeld Verzekeringen", Colour: "#0a5c36",
			Support: "bel 0528 - 12 34 56 (werkdagen van 8 tot 18 uur) of mail naar online@voorbeeld.nl",
		},
		Recovery: identity.RecoveryPolicy{Factors: identity.SelfService},
	}
}

func exampleMessage(kind identity.MessageKind, language identity.Language) identity.Message {
	created := time.Date(2025, 6, 11, 12, 27, 5, 0, time.UTC)
	message := identity.Message{
		ID:   identity.NewID(identity.KindMessage, created, [10]byte{1, 2, 3}),
		Kind: kind, Language: language, To: "jonnie@transport.test",
		Name: "Jonnie van Joosten", OrganisationName: "Transport Wientjes B.V.", CreatedAt: created,
	}
	if carriesLink(kind) {
		expires := created.Add(7 * 24 * time.Hour)
		message.ExpiresAt = &expires
	}
	if kind == identity.KeyCopiedMessage {
		message.FactorName = "Blauwe YubiKey"
	}
	if kind == identity.WebhookDisabledMessage {
		message.WebhookHost = "hooks.partner.test"
	}
	if isCode(kind) {
		expires := created.Add(identity.CodeLifetime)
		message.ExpiresAt = &expires
	}
	return message
}

func carriesLink(kind identity.MessageKind) bool {
	return kind.Announces() || slices.Contains([]identity.MessageKind{
		identity.InvitationMessage, identity.ReRegistrationMessage, identity.PasswordResetMessage,
		identity.BusinessInvitationMessage, identity.EmailChangedMessage, identity.PhoneChangedMessage, identity.RegistrationMessage, identity.ReplacementAnnouncedMessage,
	}, kind)
}

var languages = []identity.Language{identity.Dutch, identity.English}

// everyMail runs a test for each kind in each language.
func everyMail(t *testing.T, test func(t *testing.T, kind identity.MessageKind, language identity.Language)) {
	t.Helper()
	for _, language := range languages {
		for _, kind := range identity.MailKinds {
			t.Run(string(language)+"/"+strings.ToLower(string(kind)), func(t *testing.T) {
				t.Parallel()
				test(t, kind, language)
			})
		}
	}
}

func mustRender(t testing.TB, portal identity.Portal, message identity.Message) *Letter {
	t.Helper()
	letter, err := Render(portal, message, exampleSecret(message.Kind))
	if err != nil {
		t.Fatal(err)
	}
	return letter
}

func written(t testing.TB, letter *Letter) string {
	t.Helper()
	var raw bytes.Buffer
	if _, err := letter.WriteTo(&raw); err != nil {
		t.Fatal(err)
	}
	return raw.String()
}

func TestTheTextAndTheHTMLSayTheSame(t *testing.T) {
	t.Parallel()
	everyMail(t, func(t *testing.T, kind identity.MessageKind, language identity.Language) {
		letter := mustRender(t, examplePortal(t), exampleMessage(kind, language))
		for paragraph := range strings.SplitSeq(letter.Text, "\n") {
			paragraph = strings.TrimSuffix(paragraph, ":") // behind the button's label in the text
			if paragraph == "---" {
				continue
			}
			if escaped := strings.ReplaceAll(paragraph, "'", "&#39;"); !strings.Contains(letter.HTML, escaped) {
				t.Errorf("the HTML lacks %q", paragraph)
			}
		}
	})
}

func TestEveryMailSaysWhoSendsItAndWhy(t *testing.T) {
	t.Parallel()
	everyMail(t, func(t *testing.T, kind identity.MessageKind, language identity.Language) {
		portal, message := examplePortal(t), exampleMessage(kind, language)
		letter := mustRender(t, portal, message)
		for _, part := range []string{
			message.Name, message.OrganisationName, portal.Name, portal.Mail.FromName, portal.Mail.Support, string(message.To),
		} {
			if part == message.OrganisationName && kind == identity.ContactCodeMessage {
				if strings.Contains(letter.Text+letter.HTML, part) {
					t.Error("a stranger reads where somebody belongs")
				}
				continue
			}
			if !strings.Contains(letter.Text, part) {
				t.Errorf("the letter doesn't say %q", part)
			}
		}
		if strings.ContainsAny(letter.Subject+letter.Text, "{}") || strings.Contains(letter.Text, "<no value>") {
			t.Error("a template shows through:", letter.Text)
		}
	})
}

func TestALinkIsInTheMailsThatCarryOneAndInNoOther(t *testing.T) {
	t.Parallel()
	everyMail(t, func(t *testing.T, kind identity.MessageKind, language identity.Language) {
		letter := mustRender(t, examplePortal(t), exampleMessage(kind, language))
		want := "https://mijn.voorbeeld.nl/inloggen"
		if carriesLink(kind) {
			want = "https://mijn.voorbeeld.nl/wachtwoord#token=" + token
		}
		if kind == identity.BusinessInvitationMessage {
			want = "https://mijn.voorbeeld.nl/inloggen#token=" + token
		}
		if kind == identity.EmailChangedMessage || kind == identity.PhoneChangedMessage {
			want = "https://mijn.voorbeeld.nl/ongedaan#token=" + token
		}
		if kind.Announces() || kind == identity.ReplacementAnnouncedMessage {
			want = "https://mijn.voorbeeld.nl/tegenhouden#token=" + token
		}
		if !strings.Contains(letter.Text, "\n"+want+"\n") || strings.Count(letter.HTML, `href="`+want+`"`) != 2 {
			t.Errorf("want the link %s on a line of its own and twice in the HTML", want)
		}
		if !carriesLink(kind) && strings.Contains(letter.Text+letter.HTML, token) {
			t.Error("the token is in a mail that carries no link")
		}
		if strings.Contains(letter.Subject+letter.MessageID, token) {
			t.Error("the token is in a header")
		}
	})
}

func TestDatesAreSaidInThePortalsZone(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		language identity.Language
		zone     *time.Location
		expires  string
		when     string
	}{
		{identity.Dutch, amsterdam(t), "tot 18 juni 2025 om 14:27 uur en", "Op 11 juni 2025 om 14:27 uur is"},
		{identity.English, amsterdam(t), "until 18 June 2025 at 14:27 and", "On 11 June 2025 at 14:27 a"},
		{identity.Dutch, nil, "tot 18 juni 2025 om 12:27 uur UTC en", "Op 11 juni 2025 om 12:27 uur UTC is"},
		{identity.English, nil, "until 18 June 2025 at 12:27 UTC and", "On 11 June 2025 at 12:27 UTC a"},
	} {
		portal := examplePortal(t)
		portal.Location = test.zone
		letter := mustRender(t, portal, exampleMessage(identity.PasswordResetMessage, test.language))
		for _, part := range []string{test.expires, test.when} {
			if !strings.Contains(letter.Text, part) {
				t.Errorf("the letter doesn't say %q:\n%s", part, letter.Text)
			}
		}
	}
}

func TestARetryIsTheSameMailToTheLastByte(t *testing.T) {
	t.Parallel()
	message := exampleMessage(identity.InvitationMessage, identity.Dutch)
	first, second := mustRender(t, examplePortal(t), message), mustRender(t, examplePortal(t), message)
	if a, b := written(t, first), written(t, second); a != b {
		t.Error(cmp.Diff(a, b))
	}
	if want := string(message.ID) + "@voorbeeld.nl"; first.MessageID != want {
		t.Errorf("Message-ID %q, want %q", first.MessageID, want)
	}
}

func TestWhatAPolicyChangesIsSaid(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		kind   identity.MessageKind
		change func(*identity.Portal)
		gone   string
	}{
		{identity.PasswordResetMessage, func(p *identity.Portal) { p.Recovery.Factors = identity.BySupport }, "Daarna stelt u ook"},
		{identity.FactorDisabledMessage, func(p *identity.Portal) { p.Recovery.Factors = identity.BySupport }, "Vraag dan op de inlogpagina"},
		{identity.PasswordChangedMessage, func(p *identity.Portal) { p.Mail.Support = "" }, "Hebt u vragen?"},
	} {
		portal, message := examplePortal(t), exampleMessage(test.kind, identity.Dutch)
		if before := mustRender(t, portal, message); !strings.Contains(before.Text, test.gone) {
			t.Errorf("%s: want %q in\n%s", test.kind, test.gone, before.Text)
		}
		test.change(&portal)
		after := mustRender(t, portal, message)
		if strings.Contains(after.Text, test.gone) || strings.Contains(after.Text, "\n\n\n") {
			t.Errorf("%s: want no %q and no gap in\n%s", test.kind, test.gone, after.Text)
		}
	}
}

func TestASentenceThatEndsInANameHasOneFullStop(t *testing.T) {
	t.Parallel()
	everyMail(t, func(t *testing.T, kind identity.MessageKind, language identity.Language) {
		if letter := mustRender(t, examplePortal(t), exampleMessage(kind, language)); strings.Contains(letter.Text, "..") {
			t.Error(letter.Text)
		}
	})
}

func TestAMessageThatCannotBeToldIsAnError(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*identity.Portal, *identity.Message, *string){
		"unknown kind":         func(_ *identity.Portal, m *identity.Message, _ *string) { m.Kind = "BIRTHDAY" },
		"unknown language":     func(_ *identity.Portal, m *identity.Message, _ *string) { m.Language = "fy" },
		"no token":             func(_ *identity.Portal, _ *identity.Message, token *string) { *token = "" },
		"no expiry":            func(_ *identity.Portal, m *identity.Message, _ *string) { m.ExpiresAt = nil },
		"another thing's id":   func(_ *identity.Portal, m *identity.Message, _ *string) { m.ID = "usr" + m.ID[3:] },
		"an id with more":      func(_ *identity.Portal, m *identity.Message, _ *string) { m.ID += ">\r\nBcc: x@y.nl" },
		"two recipients":       func(_ *identity.Portal, m *identity.Message, _ *string) { m.To = "a@b.nl>,<c@d.nl" },
		"recipient and header": func(_ *identity.Portal, m *identity.Message, _ *string) { m.To = "a@b.nl\r\nBcc: c@d.nl" },
		"no sender":            func(p *identity.Portal, _ *identity.Message, _ *string) { p.Mail.FromAddress = "" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			portal, message, given := examplePortal(t), exampleMessage(identity.InvitationMessage, identity.Dutch), token
			spoil(&portal, &message, &given)
			letter, err := Render(portal, message, given)
			if err == nil {
				t.Fatalf("want an error, got %+v", letter)
			}
			if strings.Contains(err.Error(), token) {
				t.Error("the token is in the error:", err)
			}
		})
	}
}

func BenchmarkRender(b *testing.B) {
	portal, message := examplePortal(b), exampleMessage(identity.ReRegistrationMessage, identity.Dutch)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Render(portal, message, token); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkWrite(b *testing.B) {
	letter := mustRender(b, examplePortal(b), exampleMessage(identity.ReRegistrationMessage, identity.Dutch))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := letter.WriteTo(io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	for b.Loop() {
		if _, err := parse(); err != nil {
			b.Fatal(err)
		}
	}
}
