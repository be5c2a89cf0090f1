package config

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/phone"
)

// yesOrNo reads true or false.
var yesOrNo = scalar("!!bool", "true, false", func(text string) (bool, bool) {
	return text == "true", text == "true" || text == "false"
})

// number reads a whole number from least to most.
func number(least, most int) reader[int] {
	return scalar("!!int", fmt.Sprintf("a whole number from %d to %d", least, most), func(text string) (int, bool) {
		value, err := strconv.Atoi(text)
		return value, err == nil && strconv.Itoa(value) == text && value >= least && value <= most
	})
}

// words reads a line of text for people, at most so many characters long.
func words(most int) reader[string] {
	return scalar("!!str", fmt.Sprintf("a line of text of 1 to %d characters", most), func(text string) (string, bool) {
		text = strings.TrimSpace(text)
		hidden := strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) && r != '\u00a0' })
		return text, text != "" && !hidden && utf8.RuneCountInString(text) <= most
	})
}

// matching reads text of a given form.
func matching(pattern, allowed string) reader[string] {
	form := regexp.MustCompile(pattern)
	return scalar("!!str", allowed, func(text string) (string, bool) {
		return text, form.MatchString(text)
	})
}

// country reads a country that gives out telephone numbers.
var country = scalar("!!str", "countries by their two capital letters (ISO 3166-1): NL", func(text string) (identity.Country, bool) {
	return identity.Country(text), phone.IsCountry(text)
})
