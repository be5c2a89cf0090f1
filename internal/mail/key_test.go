package mail

import (
	"strings"
	"testing"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

func TestAMailAboutASecurityKeyNamesItAndNoOtherMailDoes(t *testing.T) {
	t.Parallel()
	everyMail(t, func(t *testing.T, kind identity.MessageKind, language identity.Language) {
		message := exampleMessage(kind, language)
		message.FactorName = "Rode sleutel\r\n\r\nhttps://evil.example"
		letter := mustRender(t, examplePortal(t), message)
		names := kind == identity.FactorEnrolledMessage || kind == identity.FactorDisabledMessage ||
			kind == identity.FactorRemovedMessage || kind == identity.KeyCopiedMessage
		if got := strings.Contains(letter.Text, "Rode sleutel"); got != names {
			t.Errorf("it is named: %t", got)
		}
		if strings.Contains(letter.Text, "https://evil.example") || strings.Contains(letter.HTML, "https://evil.example") {
			t.Errorf("a key's name became a link: %s", letter.Text)
		}
	})
}
