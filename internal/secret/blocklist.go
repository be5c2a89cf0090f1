package secret

import (
	_ "embed"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// The lists stay in the program's read-only text, which the kernel reads in
// when the first password is set: no heap, nothing at start.
var (
	// commonPasswords is sorted, one a line, with a line break at both ends.
	//go:embed blocklist/common.txt
	commonPasswords string
	// expectedWords are what people here build passwords from.
	//go:embed blocklist/dutch.txt
	expectedWords string
)

const (
	maxChecked    = 256 // bytes; no longer password is accepted
	maxDecoration = 8   // characters: a date, or "2026!!"
	minWord       = 3   // characters: a shorter word occurs by chance
)

// CommonPassword tells whether a password is one of the 30,000 most common ones,
// or a common first name, to the letter. Case, accents and width make no
// difference.
func CommonPassword(password string) bool {
	return len(password) <= maxChecked && isCommon(fold(password))
}

// ExpectedPassword tells whether a password is one that an attacker tries first
// (NIST SP 800-63B-4 §3.1.1.2). Case, accents and width make no difference.
// It is expected when it is one of these:
//
//   - a CommonPassword;
//   - keys in a row or the same again: "qwertyuiop", "1234512345", "aaaaaaaa",
//     "abcdabcd"; on average four or more in a run;
//   - nothing but words to be expected, with at most one common password
//     among them: the context words (the portal, the organisation, the local
//     part of the address, the name), their parts of three characters or more,
//     and a short list of Dutch ones;
//   - any of these behind the usual decoration: up to eight digits and signs
//     before and after, and digits or signs for letters, as in "W3lk0m01!".
//
// Longer than 256 bytes is not looked at and answers false: the length rule
// refuses it. It says nothing about whether a password is strong.
func ExpectedPassword(password string, contextWords ...string) bool {
	if len(password) > maxChecked {
		return false
	}
	folded := fold(password)
	words := expected(contextWords)
	for _, core := range cores(folded) {
		for _, spelling := range [...]string{core, leetI.Replace(core), leetL.Replace(core)} {
			if expectedOnly(spelling, words) {
				return true
			}
		}
	}
	return false
}

// Digits and signs that stand for letters; 1 stands for two of them.
var (
	leetI = strings.NewReplacer("0", "o", "1", "i", "!", "i", "3", "e", "4", "a", "@", "a", "5", "s", "$", "s", "7", "t", "+", "t", "8", "b")
	leetL = strings.NewReplacer("0", "o", "1", "l", "|", "l", "3", "e", "4", "a", "@", "a", "5", "s", "$", "s", "7", "t", "+", "t", "8", "b")
)

// fold drops what makes no difference: case, accents, width.
func fold(s string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFKD.String(s)))
}

// cores answers the text with its decoration, without that at either end, and
// without both; a digit at an end may be part of the word, as in "passw0rd".
func cores(text string) []string {
	right := strings.TrimRightFunc(text, isDecoration)
	left := strings.TrimLeftFunc(text, isDecoration)
	both := strings.TrimRightFunc(left, isDecoration)
	return slices.DeleteFunc([]string{text, right, left, both}, func(core string) bool {
		return core == "" || utf8.RuneCountInString(text)-utf8.RuneCountInString(core) > maxDecoration
	})
}

func isDecoration(r rune) bool { return !unicode.IsLetter(r) }

// expectedOnly tells whether nothing is left of a text once the expected words
// are taken out, but decoration or one common password.
func expectedOnly(text string, words []string) bool {
	if isCommon(text) || isRun(text) {
		return true
	}
	piece := unrepeated(text)
	rest := piece
	for _, word := range words {
		rest = strings.ReplaceAll(rest, word, "")
	}
	if rest == text {
		return false
	}
	trimmed := strings.TrimFunc(rest, isDecoration)
	if utf8.RuneCountInString(rest)-utf8.RuneCountInString(trimmed) > maxDecoration {
		return false
	}
	return trimmed == "" || isCommon(trimmed) || isCommon(rest)
}

// isCommon looks a text up in the list by halving.
func isCommon(text string) bool {
	list := commonPasswords
	for len(list) > 1 {
		// list is whole lines between two line breaks; take the line at the middle.
		start := strings.LastIndexByte(list[:len(list)/2], '\n') + 1
		end := start + strings.IndexByte(list[start:], '\n')
		switch strings.Compare(text, list[start:end]) {
		case 0:
			return true
		case -1:
			list = list[:start]
		default:
			list = list[end:]
		}
	}
	return false
}

// unrepeated answers "welkom" for "welkomwelkom"; the text itself where it is
// not a repetition.
func unrepeated(text string) string {
	if text == "" {
		return text
	}
	return text[:strings.Index((text + text)[1:], text)+1]
}

// Neighbouring keys: digits, the alphabet, the rows and columns of a Dutch
// keyboard, and the rows of a Belgian one.
var keyRows = []string{
	"12345678901", "abcdefghijklmnopqrstuvwxyz",
	"0qwertyuiopasdfghjklzxcvbnm", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
	"azertyuiopqsdfghjklmwxcvbn",
}

// isRun tells whether a text is short repetitions or keys in a row: on average
// at least four characters in which each is the neighbour of the one before.
func isRun(text string) bool {
	if piece := utf8.RuneCountInString(unrepeated(text)); piece <= 4 && piece < utf8.RuneCountInString(text) {
		return true
	}
	runes := []rune(text)
	runs := 1
	for i := 1; i < len(runes); i++ {
		if !neighbours(runes[i-1], runes[i]) {
			runs++
		}
	}
	return len(runes) >= 4*runs
}

func neighbours(a, b rune) bool {
	return a == b || slices.ContainsFunc(keyRows, func(row string) bool {
		return strings.Contains(row, string([]rune{a, b})) || strings.Contains(row, string([]rune{b, a}))
	})
}

// expected answers the words to take out of a password, folded, the longest
// first: of "jan.devries" also "jandevries", "devries" and "jan".
func expected(contextWords []string) []string {
	words := strings.Fields(expectedWords)
	for _, context := range contextWords {
		folded := fold(context)
		parts := strings.FieldsFunc(folded, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		letters := strings.FieldsFunc(folded, isDecoration)
		words = append(append(words, parts...), letters...)
		words = append(words, folded, strings.Join(parts, ""))
	}
	words = slices.DeleteFunc(words, func(word string) bool { return utf8.RuneCountInString(word) < minWord })
	slices.SortFunc(words, func(a, b string) int { return len(b) - len(a) })
	return words
}
