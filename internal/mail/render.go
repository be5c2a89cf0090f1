package mail

import (
	"bytes"
	"cmp"
	"fmt"
	htmltemplate "html/template"
	netmail "net/mail"
	"strings"
	"sync"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// facts is what a mail's template can say.
type facts struct {
	Name, Organisation, Portal string
	Sender, To, Support        string
	// FactorName is the security key that the mail is about; "" in all other mails.
	FactorName string
	// WebhookHost is the host of the webhook's address that the mail is about; "" in all other mails.
	WebhookHost string
	// When it happened and when the link Expires, as people of this language say it.
	When, Expires string
	// Secret is the code or the user name that the mail is for; "" in all other mails.
	Secret string
	// OrganisationCode is typed beside the user name that the mail is for; "" where there is none.
	OrganisationCode string
	// Contact is the sentence that says whom to turn to at once.
	Contact string
	// Lifted is from when a factor works again that wrong codes disabled; "" where time doesn't lift that.
	Lifted string
	// SelfService: a new password also brings new factors, without the support desk.
	SelfService bool
}

// page is what the layouts show: whole sentences, in order.
type page struct {
	Language                           identity.Language
	Subject, Preview, Portal, Greeting string
	Before, After                      []string
	Button, Link, Copy                 string
	Expiry, Closing, Questions, Reason string
	// Secret is the paragraph that stands out: a code, whose digits are set apart, or a user name.
	Secret      string
	Digits      bool
	Colour, Ink htmltemplate.CSS
}

// Render writes the letter that tells the message. The token goes into the link of the kinds that carry one (invitation,
// registration, re-registration, password reset, changed address, announced support action), and is shown where it is a code or a user
// name; it is left out of all others. The button
// of a mail without a link leads to the sign-in page. Dates are said in the portal's own zone.
//
// It fails for a message that can't be told: an unknown kind or language, an address or id that isn't well-formed, a link
// without token or expiry.
func Render(portal identity.Portal, message identity.Message, token string) (*Letter, error) {
	letter, err := render(portal, message, token)
	if err != nil {
		return nil, fmt.Errorf("write letter %s of kind %s: %w", message.ID, message.Kind, err)
	}
	return letter, nil
}

func render(portal identity.Portal, message identity.Message, token string) (*Letter, error) {
	all, err := parsed()
	if err != nil {
		return nil, err
	}
	frame, mail := all.frames[message.Language], all.mails[message.Language][message.Kind]
	if frame == nil || mail == nil {
		return nil, fmt.Errorf("there is no such mail in %q", message.Language)
	}
	if err := checkAddressing(portal, message); err != nil {
		return nil, err
	}
	link, err := linkOf(portal.SPA, message, token)
	if err != nil {
		return nil, err
	}
	known := factsOf(portal, message)
	if message.Kind == identity.UsernameMessage {
		known.OrganisationCode, token = usernameParts(token)
	}
	if known.Secret, err = secretOf(message, token); err != nil {
		return nil, err
	}
	sheet, err := compose(frame, mail, known)
	if err != nil {
		return nil, err
	}
	sheet.Language, sheet.Link = message.Language, link
	sheet.Secret, sheet.Digits = known.Secret, isCode(message.Kind)
	sheet.Colour, sheet.Ink = colours(portal.Mail.Colour)
	return all.print(portal, message, sheet)
}

// print lays the page out, as text and as HTML.
func (t *templates) print(portal identity.Portal, message identity.Message, sheet *page) (*Letter, error) {
	text, err := execute(t.text, sheet)
	if err != nil {
		return nil, err
	}
	html, err := execute(t.html, sheet)
	if err != nil {
		return nil, err
	}
	_, domain, _ := strings.Cut(string(portal.Mail.FromAddress), "@")
	return &Letter{
		From:    netmail.Address{Name: tidy(cmp.Or(portal.Mail.FromName, portal.Name)), Address: string(portal.Mail.FromAddress)},
		To:      netmail.Address{Name: defuse(message.Name), Address: string(message.To)},
		Subject: sheet.Subject, Text: text, HTML: html,
		MessageID: string(message.ID) + "@" + domain,
		Language:  message.Language, Date: message.CreatedAt.UTC(),
	}, nil
}

// checkAddressing refuses what would end in a header or an SMTP command and isn't what it should be.
func checkAddressing(portal identity.Portal, message identity.Message) error {
	if message.ID.Kind() != identity.KindMessage {
		return fmt.Errorf("the id is not a message's")
	}
	if _, err := identity.ParseEmailAddress(string(message.To)); err != nil {
		return fmt.Errorf("the recipient's address is not well-formed")
	}
	if _, err := identity.ParseEmailAddress(string(portal.Mail.FromAddress)); err != nil {
		return fmt.Errorf("the portal's from address is not well-formed")
	}
	return nil
}

func linkOf(spa identity.SPA, message identity.Message, token string) (string, error) {
	switch message.Kind {
	case identity.InvitationMessage, identity.RegistrationMessage, identity.ReRegistrationMessage, identity.PasswordResetMessage:
		if token == "" || message.ExpiresAt == nil {
			return "", fmt.Errorf("its link needs a token and an expiry")
		}
		return spa.PasswordLink(token), nil
	case identity.BusinessInvitationMessage:
		if token == "" || message.ExpiresAt == nil {
			return "", fmt.Errorf("its link needs a token and an expiry")
		}
		return spa.BusinessLink(token), nil
	case identity.EmailChangedMessage, identity.PhoneChangedMessage:
		if token == "" || message.ExpiresAt == nil {
			return "", fmt.Errorf("its link needs a token and an expiry")
		}
		return spa.UndoLink(token), nil
	}
	if !message.Kind.Announces() && message.Kind != identity.ReplacementAnnouncedMessage {
		return spa.SignInLink(), nil
	}
	if token == "" || message.ExpiresAt == nil {
		return "", fmt.Errorf("its link needs a token and an instant")
	}
	return spa.StopLink(token), nil
}

// secretOf is what a mail shows in its text: a code or a user name.
func secretOf(message identity.Message, token string) (string, error) {
	switch {
	case isCode(message.Kind) && (token == "" || message.ExpiresAt == nil):
		return "", fmt.Errorf("its code needs digits and an expiry")
	case message.Kind == identity.UsernameMessage && token == "":
		return "", fmt.Errorf("it needs the user name")
	case isCode(message.Kind), message.Kind == identity.UsernameMessage:
		return defuse(token), nil
	}
	return "", nil
}

// usernameParts reads what a mail with a user name carries: the organisation's code on a line before it, where the portal
// asks for both.
func usernameParts(token string) (code, username string) {
	if code, username, both := strings.Cut(token, "\n"); both {
		return defuse(code), username
	}
	return "", token
}

func isCode(kind identity.MessageKind) bool {
	return kind == identity.CodeMessage || kind == identity.ContactCodeMessage
}

func factsOf(portal identity.Portal, message identity.Message) *facts {
	known := &facts{
		Name: defuse(message.Name), Organisation: defuse(message.OrganisationName), Portal: tidy(portal.Name),
		Sender: tidy(cmp.Or(portal.Mail.FromName, portal.Name)), To: string(message.To), Support: tidy(portal.Mail.Support),
		FactorName:  defuse(message.FactorName),
		WebhookHost: defuse(message.WebhookHost),
		When:        sayDate(message.Language, message.CreatedAt, portal.Location),
		SelfService: portal.Recovery.Factors == identity.SelfService,
	}
	if portal.Lockout.LiftedBy == identity.LiftedByTime {
		known.Lifted = sayDate(message.Language, message.CreatedAt.Add(portal.Lockout.CodeLockedFor), portal.Location)
	}
	if message.ExpiresAt != nil {
		known.Expires = sayDate(message.Language, *message.ExpiresAt, portal.Location)
	}
	return known
}

// compose fills in the sentences of the mail and of the frame around it.
func compose(frame, mail *source, known *facts) (*page, error) {
	w := &writer{facts: known}
	known.Contact = w.line(frame, "Contact")
	sheet := &page{
		Portal:  known.Portal,
		Subject: w.line(mail, "Subject"), Preview: w.line(mail, "Preview"), Button: w.line(mail, "Button"),
		Before: w.paragraphs(mail.before), After: w.paragraphs(mail.after),
		Greeting: w.line(frame, "Greeting"), Copy: w.line(frame, "Copy"), Closing: w.line(frame, "Closing"),
		Questions: w.line(frame, "Questions"), Reason: w.line(frame, "Reason"),
	}
	if _, own := mail.lines["Reason"]; own { // it goes to somebody whom the organisation may not know
		sheet.Reason = w.line(mail, "Reason")
	}
	if known.Expires != "" && known.Secret == "" {
		sheet.Expiry = w.line(frame, "Expiry")
	}
	return sheet, w.err
}

// mendStops takes one stop from a sentence that ends with a name that has its own: "bij Jansen B.V..".
func (f *facts) mendStops(text string) string {
	for _, name := range []string{f.Organisation, f.Portal, f.Sender} {
		if strings.HasSuffix(name, ".") {
			text = strings.ReplaceAll(text, name+".", name)
		}
	}
	return text
}

// writer fills in templates, and remembers the first failure.
type writer struct {
	facts *facts
	err   error
}

func (w *writer) line(from *source, name string) string {
	line, ok := from.lines[name]
	if !ok {
		w.fail(fmt.Errorf("there is no line %q", name))
		return ""
	}
	return w.fill(line)
}

// paragraphs are parted by empty lines; inside one, a line break is a space. Names hold no line breaks (see tidy), so they
// can't begin a paragraph.
func (w *writer) paragraphs(body executor) []string {
	var all []string
	for block := range strings.SplitSeq(w.fill(body), "\n\n") {
		if paragraph := strings.Join(strings.Fields(block), " "); paragraph != "" {
			all = append(all, paragraph)
		}
	}
	return all
}

func (w *writer) fill(t executor) string {
	text, err := execute(t, w.facts)
	w.fail(err)
	return w.facts.mendStops(text)
}

func (w *writer) fail(err error) {
	if w.err == nil {
		w.err = err
	}
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

func execute(t executor, data any) (string, error) {
	buffer := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(buffer)
	buffer.Reset()
	if err := t.Execute(buffer, data); err != nil {
		return "", err
	}
	return buffer.String(), nil
}
