package mail

import (
	"strings"
	"testing"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// exampleSecret is what the mail is for: a link's token, a code, or a user name.
func exampleSecret(kind identity.MessageKind) string {
	switch kind {
	case identity.CodeMessage, identity.ContactCodeMessage:
		return "048213"
	case identity.UsernameMessage:
		return "j.vanjoosten"
	}
	return token
}

func TestACodeStandsOutInTheMailsThatCarryOneAndIsInNoOther(t *testing.T) {
	t.Parallel()
	everyMail(t, func(t *testing.T, kind identity.MessageKind, language identity.Language) {
		secret := exampleSecret(kind)
		if secret == token {
			return
		}
		letter := mustRender(t, examplePortal(t), exampleMessage(kind, language))
		if strings.Count(letter.Text, "\n"+secret+"\n") != 1 {
			t.Error("want it once, on a line of its own:", letter.Text)
		}
		if strings.Count(letter.HTML, "monospace") != 1 || !strings.Contains(letter.HTML, `">`+secret+"</p>") {
			t.Error("it doesn't stand out:", letter.HTML)
		}
		if spaced := strings.Contains(letter.HTML, "letter-spacing:8px"); spaced != isCode(kind) {
			t.Error("digits are set apart, and a name isn't")
		}
		if strings.Contains(letter.MessageID, secret) || !isCode(kind) && strings.Contains(letter.Subject, secret) {
			t.Error("it is in a header")
		}
		if _, err := Render(examplePortal(t), exampleMessage(kind, language), ""); err == nil {
			t.Error("a mail without it was written")
		}
	})
}

func TestAUserNameComesWithTheOrganisationsCodeWhereThePortalAsksForBoth(t *testing.T) {
	t.Parallel()
	for _, language := range languages {
		message := exampleMessage(identity.UsernameMessage, language)
		for carried, want := range map[string]bool{"K01\nj.vanjoosten": true, "\nj.vanjoosten": false, "j.vanjoosten": false} {
			letter, err := Render(examplePortal(t), message, carried)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(letter.Text, "\nj.vanjoosten\n") || strings.Contains(letter.Text, " K01. ") != want {
				t.Errorf("%q reads:\n%s", carried, letter.Text)
			}
		}
		if _, err := Render(examplePortal(t), message, "K01\n"); err == nil {
			t.Error("a mail without the user name was written")
		}
	}
}
