package mail

import (
	"strings"
	"unicode"
)

// tidy makes a text one line that reads as it is written: without control characters and line breaks (which would begin a
// header or a paragraph of their own), without invisible and direction-changing characters, and without the beginning of
// an encoded word (RFC 2047), which mail programs would decode.
func tidy(text string) string {
	visible := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == unicode.ReplacementChar, unicode.Is(unicode.C, r):
			return -1
		}
		return r
	}, text)
	return strings.ReplaceAll(strings.Join(strings.Fields(visible), " "), "=?", "= ?")
}

// defuse tidies what a person typed, such as a name. It goes to people who don't know that person, so it also loses what
// mail programs would turn into a link.
func defuse(name string) string {
	return links.Replace(tidy(name))
}

var links = strings.NewReplacer("://", "[:]//", "www.", "www[.]", "WWW.", "WWW[.]", "Www.", "Www[.]")
