package sms

import (
	"fmt"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// words are the texts there are: the code, then the portal's name.
var words = map[identity.Language]map[identity.MessageKind]string{
	identity.Dutch: {
		identity.TextCodeMessage: "%s is uw code voor %s. Geef deze code aan niemand.",
	},
	identity.English: {
		identity.TextCodeMessage: "%s is your code for %s. Don't give this code to anybody.",
	},
}

// segment is how many septets one SMS carries. A longer text is sent, and paid for, as several.
const segment = 160

// Write answers the words of a text. Its last line binds the code to the portal's own site, so that a browser fills it in
// there and nowhere else (WebOTP, "origin-bound one-time codes delivered via SMS"); it is left out where the text would no
// longer fit one segment.
//
// It fails for a kind or language that there are no words for, and for a code that isn't six digits.
func Write(portal identity.Portal, message identity.Message, code string) (string, error) {
	form, known := words[message.Language][message.Kind]
	switch {
	case !known:
		return "", fmt.Errorf("write text %s: there is none of kind %s in %q", message.ID, message.Kind, message.Language)
	case len(code) != 6 || strings.Trim(code, "0123456789") != "":
		return "", fmt.Errorf("write text %s: it needs a code of six digits", message.ID)
	}
	text := fmt.Sprintf(form, code, simplify(portal.Name))
	if over := septets(text) - segment; over > 0 {
		name := []rune(simplify(portal.Name))
		text = fmt.Sprintf(form, code, strings.TrimSpace(string(name[:max(0, len(name)-over)])))
	}
	if bound := text + originBound(portal.SPA.Origin, code); septets(bound) <= segment {
		return bound, nil
	}
	return text, nil
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
