package identity

import (
	"slices"
	"strings"
)

// PhoneNumber is a telephone number in the form of ITU-T E.164: "+" and up to fifteen digits, the country's code first.
// Package phone makes one of what people type.
type PhoneNumber string

// Country is an ISO 3166-1 alpha-2 code: "NL".
type Country string

// PhoneLine is what is known of a number by its digits alone.
type PhoneLine struct {
	Number PhoneNumber
	// Country is "" where a number belongs to none: satellites, for one.
	Country Country
	// TakesTexts: it is a mobile number, or can't be told from one. Landlines and numbers that cost whoever calls extra
	// are not.
	TakesTexts bool
}

// Mask shows enough of a number for its owner to know it, and not enough for others: "+31 6 •••• ••78".
func (n PhoneNumber) Mask() string {
	digits := strings.TrimPrefix(string(n), "+")
	code := min(callingCode(digits), len(digits))
	country, national := digits[:code], digits[code:]
	if len(national) < 7 {
		return "+" + country + " •••"
	}
	hidden := strings.Repeat("•", len(national)-3) + national[len(national)-2:]
	groups := []string{"+" + country, national[:1]}
	for part := range slices.Chunk([]rune(hidden), 4) {
		groups = append(groups, string(part))
	}
	return strings.Join(groups, " ")
}

// shortCodes are the calling codes of two digits; zones 1 and 7 have one digit, all others three (ITU-T E.164 annex D).
const shortCodes = " 20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98 "

// callingCode is how many of the digits name the country.
func callingCode(digits string) int {
	switch {
	case strings.HasPrefix(digits, "1"), strings.HasPrefix(digits, "7"):
		return 1
	case len(digits) >= 2 && strings.Contains(shortCodes, " "+digits[:2]+" "):
		return 2
	}
	return 3
}
