// Package phone reads telephone numbers as people type them, by the numbering plans of all countries. What may be done with
// a number, package identity decides.
package phone

import (
	"slices"
	"strings"

	"github.com/nyaruka/phonenumbers"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// longest is the longest text that is taken for a number: one of E.164 has fifteen digits, and people put signs between.
const longest = 40

// textable are the types of numbers that can be a mobile phone's. Numbers that cost whoever calls extra, and pagers,
// voicemail boxes and landlines, are other types.
var textable = []phonenumbers.PhoneNumberType{phonenumbers.MOBILE, phonenumbers.FIXED_LINE_OR_MOBILE, phonenumbers.UNKNOWN}

// Read makes a number of what somebody typed: "+" and the country's code first; spaces, dots, dashes and brackets don't
// matter. It refuses with INVALID_INPUT what no country has given out.
func Read(typed string, path ...string) (identity.PhoneLine, error) {
	refusal := identity.Refuse(identity.InvalidInput, path...)
	trimmed := strings.TrimSpace(typed)
	if len(trimmed) > longest || !strings.HasPrefix(trimmed, "+") || strings.Trim(trimmed, "+0123456789 .-()/") != "" {
		return identity.PhoneLine{}, refusal
	}
	number, err := phonenumbers.Parse(trimmed, phonenumbers.UNKNOWN_REGION)
	if err != nil || !phonenumbers.IsValidNumber(number) || number.GetExtension() != "" {
		return identity.PhoneLine{}, refusal
	}
	return identity.PhoneLine{
		Number:     identity.PhoneNumber(phonenumbers.Format(number, phonenumbers.E164)),
		Country:    countryOf(number),
		TakesTexts: slices.Contains(textable, phonenumbers.GetNumberType(number)),
	}, nil
}

// IsCountry tells whether a country by that ISO 3166-1 alpha-2 code gives out numbers.
func IsCountry(code string) bool {
	return len(code) == 2 && phonenumbers.GetSupportedRegions()[code]
}

// countryOf is "" for numbers of no country, which the library calls 001.
func countryOf(number *phonenumbers.PhoneNumber) identity.Country {
	code := phonenumbers.GetRegionCodeForNumber(number)
	if !IsCountry(code) {
		return ""
	}
	return identity.Country(code)
}
