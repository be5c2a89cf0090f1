package mail

import (
	"io"
	netmail "net/mail"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// Letter is one mail to one person.
type Letter struct {
	From, To netmail.Address
	Subject  string
	// Text and HTML say the same.
	Text, HTML string
	// MessageID is what stands between the angle brackets of Message-ID. It comes from the message's id, so that a
	// mailbox that gets a retry can know it for the same mail.
	MessageID string
	Language  identity.Language
	Date      time.Time
}

// WriteTo writes the letter in the Internet Message Format (RFC 5322), the same bytes every time.
func (l *Letter) WriteTo(w io.Writer) (int64, error) {
	message := mail.NewMsg(
		mail.WithNoDefaultUserAgent(),
		mail.WithEncoding(mail.EncodingQP),
		mail.WithBoundary(l.boundary()),
	)
	from, to := l.From, l.To
	message.FromMailAddress(&from)
	message.ToMailAddress(&to)
	message.Subject(l.Subject)
	message.SetDateWithValue(l.Date)
	message.SetMessageIDWithValue(l.MessageID)
	message.SetGenHeader(mail.HeaderContentLang, string(l.Language))
	// RFC 3834: so that out-of-office replies stay at home. Exchange listens to the second one.
	message.SetGenHeader("Auto-Submitted", "auto-generated")
	message.SetGenHeader(mail.HeaderXAutoResponseSuppress, "All")
	message.SetBodyString(mail.TypeTextPlain, l.Text)
	message.AddAlternativeString(mail.TypeTextHTML, l.HTML)
	return message.WriteTo(w)
}

// boundary parts the text from the HTML. Nobody who can influence a mail's content knows its id beforehand.
func (l *Letter) boundary() string {
	id, _, _ := strings.Cut(l.MessageID, "@")
	return "part-of-" + id
}
