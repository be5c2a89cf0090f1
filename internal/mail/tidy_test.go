package mail

import (
	netmail "net/mail"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jhillyerd/enmime/v2"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

func TestNamesAreEscapedAndDefused(t *testing.T) {
	t.Parallel()
	message := exampleMessage(identity.InvitationMessage, identity.Dutch)
	message.Name = `<script>alert("x")</script> & Zn.`
	message.OrganisationName = "{{.Support}} \u202egnitekram\u202c\u200b https://kwaad.example/win www.kwaad.example"
	letter := mustRender(t, examplePortal(t), message)

	if strings.Contains(letter.HTML, "<script") || !strings.Contains(letter.HTML, "&lt;script&gt;") {
		t.Error("the name is not escaped in the HTML")
	}
	if !strings.Contains(letter.Text, "Beste "+message.Name+",") {
		t.Error("the name is not as written in the text")
	}
	for part, why := range map[string]string{
		"\u202e": "turns the text round", "\u200b": "is invisible", "https://kwaad": "becomes a link", "www.kwaad": "becomes a link",
	} {
		if strings.Contains(letter.Text+letter.HTML+letter.Subject, part) {
			t.Errorf("%q is in the letter: it %s", part, why)
		}
	}
	if !strings.Contains(letter.Text, "{{.Support}} gnitekram https[:]//kwaad.example/win www[.]kwaad.example heeft u uitgenodigd") {
		t.Error("want the organisation's name, defused:", letter.Text)
	}
}

func TestNoNameBecomesAHeaderOrAParagraph(t *testing.T) {
	t.Parallel()
	const injected = "Jan\r\nBcc: victim@example.nl\r\n\r\nPay here =?utf-8?q?=0ABcc:_victim@example.nl?=\n\n\u2028\u0085x"
	message := exampleMessage(identity.MainUserAppointedMessage, identity.English)
	message.Name, message.OrganisationName = injected, injected
	portal := examplePortal(t)
	portal.Name, portal.Mail.FromName, portal.Mail.Support = injected, injected, injected
	letter := mustRender(t, portal, message)

	parsed, err := netmail.ReadMessage(strings.NewReader(written(t, letter)))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for name := range parsed.Header {
		names = append(names, name)
	}
	slices.Sort(names)
	want := []string{
		"Auto-Submitted", "Content-Language", "Content-Type", "Date", "From", "Message-Id", "Mime-Version", "Subject", "To",
		"X-Auto-Response-Suppress",
	}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Error(diff)
	}
	for _, header := range []string{"From", "To"} {
		if list, err := parsed.Header.AddressList(header); err != nil || len(list) != 1 {
			t.Errorf("%s: %v %v", header, list, err)
		}
	}
	plain := mustRender(t, examplePortal(t), exampleMessage(identity.MainUserAppointedMessage, identity.English))
	if got, want := strings.Count(letter.Text, "\n"), strings.Count(plain.Text, "\n"); got != want {
		t.Errorf("%d lines of text, want %d as with plain names:\n%s", got, want, letter.Text)
	}
}

func TestEveryWordOfANameSurvivesTheHeaders(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"Zoë Çelik-Müller", "Ivo \"de Ruiter\" O'Neill, jr.", "Łukasz Żółć", "李雷", strings.Repeat("lang", 50), strings.Repeat("ö ", 99) + "ö",
	} {
		message := exampleMessage(identity.MainUserAppointedMessage, identity.Dutch)
		message.Name, message.OrganisationName = name, name
		letter := mustRender(t, examplePortal(t), message)
		raw := written(t, letter)
		envelope, err := enmime.ReadEnvelope(strings.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		to, err := envelope.AddressList("To")
		if err != nil || len(to) != 1 || to[0].Name != name {
			t.Errorf("%q arrived as %v (%v)", name, to, err)
		}
		if got := envelope.GetHeader("Subject"); got != letter.Subject {
			t.Errorf("%q arrived in the subject as %q", name, got)
		}
		for line := range strings.SplitSeq(raw, "\r\n") {
			if len(line) > 998 {
				t.Errorf("a line of %d bytes; RFC 5322 allows 998", len(line))
			}
		}
	}
}
