package sms

import (
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// words are the texts there are: first the code or the instant, then the portal's name. None but that with a code has
// anything in it that opens something: a text is read by whoever has the number, or took it over.
var words = map[identity.Language]map[wording]string{
	identity.Dutch: {
		code:    "%s is uw code voor %s. Geef deze code aan niemand.",
		undoing: "Op %s is uw telefoonnummer voor %s gewijzigd. Was u dit niet? Met de mail hierover maakt u het ongedaan.",
		changed: "Op %s is uw telefoonnummer voor %s gewijzigd. Was u dit niet? Meld het dan meteen bij de servicedesk.",
	},
	identity.English: {
		code:    "%s is your code for %s. Don't give this code to anybody.",
		undoing: "On %s your phone number for %s was changed. Wasn't it you? The mail about it lets you undo it.",
		changed: "On %s your phone number for %s was changed. Wasn't it you? Tell the support desk at once.",
	},
}

// wording is one way to tell something.
type wording int

const (
	code    wording = iota + 1
	undoing         // the number was changed, and a mail leads back
	changed         // the number was changed, and there is no mailbox
)

// wordingOf is 0 for a kind that isn't texted.
func wordingOf(message identity.Message) wording {
	switch {
	case message.Kind == identity.TextCodeMessage:
		return code
	case message.Kind == identity.TextPhoneChangedMessage && message.ExpiresAt != nil:
		return undoing
	case message.Kind == identity.TextPhoneChangedMessage:
		return changed
	}
	return 0
}

// segment is how many septets one SMS carries. A longer text is sent, and paid for, as several.
const segment = 160

// Write answers the words of a text; digits are the code in it, or "" for a text without one. The last line of one with a
// code binds it to the portal's own site, so that a browser fills it in there and nowhere else (WebOTP, "origin-bound
// one-time codes delivered via SMS"); it is left out where the text would no longer fit one segment.
//
// It fails for a kind or language that there are no words for, and for a code that isn't six digits.
func Write(portal identity.Portal, message identity.Message, digits string) (string, error) {
	way := wordingOf(message)
	form, known := words[message.Language][way]
	switch {
	case !known:
		return "", fmt.Errorf("write text %s: there is none of kind %s in %q", message.ID, message.Kind, message.Language)
	case way == code && (len(digits) != 6 || strings.Trim(digits, "0123456789") != ""):
		return "", fmt.Errorf("write text %s: it needs a code of six digits", message.ID)
	case way != code && digits != "":
		return "", fmt.Errorf("write text %s: it has no place for a code", message.ID)
	}
	if way != code {
		return fit(form, sayInstant(message.Language, message.CreatedAt, portal.Location), portal.Name), nil
	}
	text := fit(form, digits, portal.Name)
	if bound := text + originBound(portal.SPA.Origin, digits); septets(bound) <= segment {
		return bound, nil
	}
	return text, nil
}

// fit fills a form in, and cuts the portal's name where the text wouldn't fit one segment.
func fit(form, first, name string) string {
	name = simplify(name)
	text := fmt.Sprintf(form, first, name)
	if over := septets(text) - segment; over > 0 {
		letters := []rune(name)
		text = fmt.Sprintf(form, first, strings.TrimSpace(string(letters[:max(0, len(letters)-over)])))
	}
	return text
}

// sayInstant tells an instant to the minute, shortly: "24-06-2025 om 14:27 uur", "24 Jun 2025 at 14:27". Without a zone it is
// told in UTC, and says so.
func sayInstant(language identity.Language, instant time.Time, zone *time.Location) string {
	form, suffix := "2 Jan 2006 at 15:04", ""
	if language == identity.Dutch {
		form = "02-01-2006 om 15:04 uur"
	}
	if zone == nil {
		zone, suffix = time.UTC, " UTC"
	}
	return instant.In(zone).Format(form) + suffix
}

// originBound is "" for an origin with a port, which the format has no place for.
func originBound(origin, code string) string {
	parsed, err := url.Parse(origin)
	if err != nil || parsed.Scheme != "https" || parsed.Port() != "" || parsed.Hostname() == "" {
		return ""
	}
	return "\n\n@" + parsed.Hostname() + " #" + code
}

// The default alphabet of GSM 03.38. Those of the extension table take two septets, and a name does without.
const (
	basic     = "@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà\n"
	extension = "^{}\\[~]|€"
)

// simplify makes a name fit the alphabet: one letter outside it would make the whole text cost double. Letters lose their
// accents where they must; a typographer's apostrophe becomes a typist's.
func simplify(name string) string {
	var simple strings.Builder
	for _, letter := range strings.NewReplacer("’", "'", "‘", "'", "–", "-", "—", "-", "\u00a0", " ").Replace(name) {
		if !strings.ContainsRune(basic, letter) || letter == '\n' {
			letter, _ = utf8.DecodeRuneInString(norm.NFD.String(string(letter)))
		}
		switch {
		case letter == '\n' || unicode.IsControl(letter):
		case strings.ContainsRune(basic, letter):
			simple.WriteRune(letter)
		default:
			simple.WriteByte('?')
		}
	}
	return strings.TrimSpace(simple.String())
}

// septets is what a text takes; one outside the alphabet never fits a segment.
func septets(text string) int {
	count := 0
	for _, letter := range text {
		switch {
		case strings.ContainsRune(basic, letter):
			count++
		case strings.ContainsRune(extension, letter):
			count += 2
		default:
			return segment + 1
		}
	}
	return count
}
