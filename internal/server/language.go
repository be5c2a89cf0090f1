package server

import (
	"strconv"
	"strings"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// preferred reads an Accept-Language header (RFC 9110, section 12.5.4): the language with the highest weight of those that
// are spoken, the first of several; "" for none. "nl-BE" is taken as "nl", and what can't be read is passed over.
func preferred(header string, spoken []identity.Language) identity.Language {
	var best identity.Language
	highest := 0.0
	for range 20 { // browsers send five
		item, rest, more := strings.Cut(header, ",")
		tag, parameter, _ := strings.Cut(item, ";")
		if language, known := speaks(strings.TrimSpace(tag), spoken); known {
			if q := weight(strings.TrimSpace(parameter)); q > highest {
				best, highest = language, q
			}
		}
		if !more {
			break
		}
		header = rest
	}
	return best
}

func speaks(tag string, spoken []identity.Language) (identity.Language, bool) {
	primary, _, _ := strings.Cut(tag, "-")
	for _, language := range spoken {
		if strings.EqualFold(primary, string(language)) {
			return language, true
		}
	}
	return "", false
}

func weight(parameter string) float64 {
	if parameter == "" {
		return 1
	}
	text, isWeight := strings.CutPrefix(parameter, "q=")
	q, err := strconv.ParseFloat(text, 64)
	if !isWeight || err != nil || !(q >= 0 && q <= 1) {
		return 0
	}
	return q
}
