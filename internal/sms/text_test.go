package sms_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/sms"
)

func portal(name, origin string) identity.Portal {
	return identity.Portal{Name: name, SPA: identity.SPA{Origin: origin}}
}

func text(language identity.Language) identity.Message {
	return identity.Message{ID: "msg_1", Kind: identity.TextCodeMessage, Language: language}
}

func TestEveryTextReadsAsItsGolden(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		sentence, name, origin string
		language               identity.Language
		want                   string
	}{
		{"in Dutch", "Mijn TVM", "https://mijn.tvm.example", "nl", "123456 is uw code voor Mijn TVM. Geef deze code aan niemand.\n\n@mijn.tvm.example #123456"},
		{"in English", "Mijn TVM", "https://mijn.tvm.example", "en", "123456 is your code for Mijn TVM. Don't give this code to anybody.\n\n@mijn.tvm.example #123456"},
		{"a name outside the alphabet becomes one within", "Café Zoë’s – ☕", "https://zoe.example", "nl", "123456 is uw code voor Café Zoe's - ?. Geef deze code aan niemand.\n\n@zoe.example #123456"},
		{"an origin with a port isn't bound", "Acme", "https://acme.example:8443", "nl", "123456 is uw code voor Acme. Geef deze code aan niemand."},
		{"nor is one without https", "Acme", "http://localhost", "nl", "123456 is uw code voor Acme. Geef deze code aan niemand."},
		{
			"nor one that no longer fits", "Acme", "https://" + strings.Repeat("a", 60) + "." + strings.Repeat("b", 50) + ".example", "nl",
			"123456 is uw code voor Acme. Geef deze code aan niemand.",
		},
		{
			"a long name is cut", strings.Repeat("Portaal ", 20), "https://acme.example", "nl",
			"123456 is uw code voor " + strings.TrimSpace(strings.Repeat("Portaal ", 14)[:108]) + ". Geef deze code aan niemand.",
		},
	} {
		t.Run(row.sentence, func(t *testing.T) {
			t.Parallel()
			got, err := sms.Write(portal(row.name, row.origin), text(row.language), "123456")
			if err != nil || got != row.want {
				t.Errorf("%v\n%q\nwant\n%q", err, got, row.want)
			}
			if utf8.RuneCountInString(got) > 160 {
				t.Errorf("it is %d characters long", utf8.RuneCountInString(got))
			}
		})
	}
}

func TestTheOldNumberIsToldInOneSegmentWithoutALink(t *testing.T) {
	t.Parallel()
	amsterdam, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2025, 12, 31, 23, 30, 0, 0, time.UTC)
	for _, row := range []struct {
		sentence, name string
		language       identity.Language
		zone           *time.Location
		mailed         bool
		want           string
	}{
		{"in Dutch", "Xpert Suite", "nl", amsterdam, true, "Op 01-01-2026 om 00:30 uur is uw telefoonnummer voor Xpert Suite gewijzigd. " +
			"Was u dit niet? Met de mail hierover maakt u het ongedaan."},
		{"in English", "Xpert Suite", "en", amsterdam, true, "On 1 Jan 2026 at 00:30 your phone number for Xpert Suite was changed. " +
			"Wasn't it you? The mail about it lets you undo it."},
		{"without a zone", "Acme", "nl", nil, true, "Op 31-12-2025 om 23:30 uur UTC is uw telefoonnummer voor Acme gewijzigd. " +
			"Was u dit niet? Met de mail hierover maakt u het ongedaan."},
		{"in Dutch, where there is no mailbox", "Xpert Suite", "nl", amsterdam, false, "Op 01-01-2026 om 00:30 uur is uw telefoonnummer voor " +
			"Xpert Suite gewijzigd. Was u dit niet? Meld het dan meteen bij de servicedesk."},
		{"in English, where there is no mailbox", "Xpert Suite", "en", amsterdam, false, "On 1 Jan 2026 at 00:30 your phone number for " +
			"Xpert Suite was changed. Wasn't it you? Tell the support desk at once."},
		{"a long name is cut", strings.Repeat("Portaal ", 20), "nl", amsterdam, true, "Op 01-01-2026 om 00:30 uur is uw telefoonnummer voor " +
			"Portaal Portaal Portaal Portaal Porta gewijzigd. Was u dit niet? Met de mail hierover maakt u het ongedaan."},
	} {
		t.Run(row.sentence, func(t *testing.T) {
			t.Parallel()
			message := identity.Message{ID: "msg_1", Kind: identity.TextPhoneChangedMessage, Language: row.language, CreatedAt: at}
			if row.mailed {
				message.ExpiresAt = &at
			}
			to := portal(row.name, "https://acme.example")
			to.Location = row.zone
			got, err := sms.Write(to, message, "")
			if err != nil || got != row.want {
				t.Errorf("%v\n%q\nwant\n%q", err, got, row.want)
			}
			if utf8.RuneCountInString(got) > 160 || strings.Contains(got, "://") {
				t.Errorf("it has %d characters, or a link", utf8.RuneCountInString(got))
			}
		})
	}
}

func TestATextThatCannotBeWrittenIsAFault(t *testing.T) {
	t.Parallel()
	mail := text("nl")
	mail.Kind = identity.CodeMessage
	notice := text("nl")
	notice.Kind = identity.TextPhoneChangedMessage
	for _, row := range []struct {
		message identity.Message
		code    string
	}{{text("fr"), "123456"}, {notice, "123456"}, {mail, "123456"}, {text("nl"), ""}, {text("nl"), "12345"}, {text("nl"), "1234567"}, {text("nl"), "12345a"}} {
		if got, err := sms.Write(portal("Acme", "https://acme.example"), row.message, row.code); err == nil {
			t.Errorf("%+v: %s", row, got)
		}
	}
}
