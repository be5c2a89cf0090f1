package identity

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Shortest and longest search for users, in characters, once surrounding space is gone.
const (
	ShortestSearch = 2
	LongestSearch  = 200
)

// mostWords is by how many words of a search users are found, the longest ones: more hardly narrow it any further.
const mostWords = 6

// UserSearch is what staff finds users by.
type UserSearch struct {
	// Key is the text as names are compared.
	Key string
	// Words must each begin a word of the name, the longest first; none where the text can be no name.
	Words []WordPrefix
	// Ticket is the text as it was typed.
	Ticket string
}

// WordPrefix is what words of a name begin with.
type WordPrefix struct {
	Text string
	// Count is how many words of the name must: who looks for "jan jansen" doesn't look for Piet Jansen.
	Count int
}

// CleanSearch reads what staff typed to find a user by, and refuses what would find everybody or nobody.
func CleanSearch(text string) (UserSearch, error) {
	search := UserSearch{Key: Fold(text), Ticket: strings.TrimSpace(text)}
	if length := utf8.RuneCountInString(search.Key); length < ShortestSearch || length > LongestSearch {
		return UserSearch{}, Refuse(BadUserInput, "search")
	}
	if strings.Contains(text, "@") {
		return search, nil // an address
	}
	words := NameWords(text)
	if utf8.RuneCountInString(strings.Join(words, "")) < ShortestSearch {
		return search, nil // one letter between signs begins too many names
	}
	slices.SortFunc(words, func(a, b string) int {
		return cmp.Or(cmp.Compare(utf8.RuneCountInString(b), utf8.RuneCountInString(a)), cmp.Compare(a, b))
	})
	words = words[:min(mostWords, len(words))]
	for _, word := range words {
		search.Words = append(search.Words, WordPrefix{word, beginning(words, word)})
	}
	return search, nil
}

// Finds tells whether a name is one that a search by words is for. The words of a search can be given a word of the name
// each when enough of those begin with each of them, for of two that begin the same word one begins the other.
func (s UserSearch) Finds(name string) bool {
	words := NameWords(name)
	for _, word := range s.Words {
		if beginning(words, word.Text) < word.Count {
			return false
		}
	}
	return len(s.Words) > 0
}

// beginning counts the words that begin with a text.
func beginning(words []string, with string) (count int) {
	for _, word := range words {
		if strings.HasPrefix(word, with) {
			count++
		}
	}
	return count
}

// NameWords are the words by which a name is found, sorted, each once: letters without marks and digits; whatever else
// stands between them parts them. "Zoë van 't Hoff-de Vries" is found by "zoe", "van", "t", "hoff", "de" and "vries".
func NameWords(name string) []string {
	plain := norm.NFC.String(foldLatin(norm.NFD.String(Fold(name))))
	words := strings.FieldsFunc(plain, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r) })
	slices.Sort(words)
	return slices.Compact(words)
}
