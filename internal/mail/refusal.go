package mail

import (
	"errors"
	"fmt"
	"net/textproto"
	"regexp"
	"strings"
	"unicode/utf8"
)

// Stage is where in the dialogue a delivery failed.
type Stage string

// The stages, in order.
const (
	AtConnection Stage = "connection" // reaching the server, greeting, TLS, signing in
	AtSender     Stage = "sender"     // MAIL FROM
	AtRecipient  Stage = "recipient"  // RCPT TO
	AtContent    Stage = "content"    // DATA
)

// Refusal is why a letter was not delivered.
type Refusal struct {
	// Permanent: the server will never take this letter, or never for this recipient. Otherwise it is worth another try:
	// the network or the server failed, or what is wrong (the sign-in, the sender) is ours to mend, not the recipient's.
	Permanent bool
	Stage     Stage
	// Code is the server's (RFC 5321), 0 where it wasn't the server that refused.
	Code int
	// Text is one short line. It names neither the recipient nor a link, even where the server repeated them.
	Text  string
	cause error
}

// Error tells stage, code and text.
func (r *Refusal) Error() string {
	if r.Code == 0 {
		return fmt.Sprintf("mail not delivered (%s): %s", r.Stage, r.Text)
	}
	return fmt.Sprintf("mail not delivered (%s): %d %s", r.Stage, r.Code, r.Text)
}

// Unwrap gives what happened on the connection: context.Canceled, a net.Error, … nil where the server refused.
func (r *Refusal) Unwrap() error { return r.cause }

// refuse classifies what went wrong. The hidden words are not repeated.
func refuse(stage Stage, err error, hidden ...string) *Refusal {
	refusal := &Refusal{Stage: stage, Text: shorten(err.Error(), hidden)}
	if reply, ok := errors.AsType[*textproto.Error](err); ok {
		refusal.Code, refusal.Text = reply.Code, shorten(reply.Msg, hidden)
		refusal.Permanent = reply.Code/100 == 5 && (stage == AtRecipient || stage == AtContent)
		return refusal
	}
	refusal.cause = err
	return refusal
}

// longestText is how much of a server's words is kept, in bytes.
const longestText = 200

var tokenLink = regexp.MustCompile(`\S*#token=\S*`)

func shorten(text string, hidden []string) string {
	line := tokenLink.ReplaceAllString(tidy(text), "[link]")
	for _, word := range hidden {
		if word != "" {
			line = replaceFold(line, word, "[hidden]")
		}
	}
	if len(line) <= longestText {
		return line
	}
	cut := longestText
	for !utf8.RuneStart(line[cut]) {
		cut--
	}
	return line[:cut] + "…"
}

func replaceFold(text, word, by string) string {
	return regexp.MustCompile(`(?i)`+regexp.QuoteMeta(word)).ReplaceAllLiteralString(strings.ToValidUTF8(text, ""), by)
}
