package identity

import (
	"slices"
	"strings"
	"unicode"
)

// prefixWords are what stands before a family name and is written in many ways.
var prefixWords = strings.Fields("van de der den het t ter ten te vd v d von zu zum zur la le les du des di da do dos el al in op aan " +
	"bij uit tot onder over voor")

// abbreviated are the prefixes that "v.d." can stand for.
var abbreviated = []string{"van de", "van den", "van der"}

func prefixesAgree(a, b string) bool {
	short := func(prefix string) bool { return prefix == "vd" || prefix == "v d" }
	return a == b || short(a) && short(b) || short(a) && slices.Contains(abbreviated, b) || short(b) && slices.Contains(abbreviated, a)
}

// nameWords are the words of a name, folded: what stands between letters parts them, but for what stands inside a word.
func nameWords(name string) []string {
	return strings.FieldsFunc(foldLatin(name), func(r rune) bool { return !unicode.IsLetter(r) })
}

// foldLatin writes Latin letters as those without marks, in lower case: banks' systems and portals' differ in what they
// can write. Other letters stay.
func foldLatin(text string) string {
	var folded strings.Builder
	for _, r := range strings.ToLower(text) {
		if unicode.Is(unicode.Mn, r) {
			continue // a mark that stands apart from its letter
		}
		if plain, marked := plainLetters[r]; marked {
			folded.WriteString(plain)
			continue
		}
		folded.WriteRune(r)
	}
	return folded.String()
}

// plainLetters are the lower-case letters of Latin-1 and Latin Extended-A that have marks, or are two letters in one.
var plainLetters = func() map[rune]string {
	plain := map[rune]string{}
	for letter, marked := range map[string]string{
		"a": "àáâãäåāăą", "c": "çćĉċč", "d": "ďđð", "e": "èéêëēĕėęě", "g": "ĝğġģ", "h": "ĥħ", "i": "ìíîïĩīĭįı", "j": "ĵ", "k": "ķ",
		"l": "ĺļľŀł", "n": "ñńņňŋ", "o": "òóôõöøōŏő", "r": "ŕŗř", "s": "śŝşšșſ", "t": "ţťŧț", "u": "ùúûüũūŭůűų", "w": "ŵ", "y": "ýÿŷ",
		"z": "źżž", "ae": "æ", "oe": "œ", "ss": "ß", "th": "þ", "ij": "ĳ",
	} {
		for _, r := range marked {
			plain[r] = letter
		}
	}
	return plain
}()
