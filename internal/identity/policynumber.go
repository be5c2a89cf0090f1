package identity

import (
	"slices"
	"strconv"
	"strings"
)

// PolicyNumber is the number of an insurance policy as it is compared: digits and capital letters, without the dots,
// hyphens and spaces that people write between.
type PolicyNumber string

// MaximumPolicyNumbers is how many an organisation can have.
const MaximumPolicyNumbers = 200

// How long a policy number is, folded, and what people write between its digits.
const (
	shortestPolicyNumber = 4
	longestPolicyNumber  = 40
	policyNumberSpacing  = " .-/"
)

// ParsePolicyNumber folds what somebody typed, and refuses what can't be a policy number anywhere.
func ParsePolicyNumber(text string, path ...string) (PolicyNumber, error) {
	folded := strings.Map(func(r rune) rune {
		switch {
		case strings.ContainsRune(policyNumberSpacing, r):
			return -1
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		}
		return r
	}, strings.TrimSpace(text))
	strange := strings.IndexFunc(folded, func(r rune) bool { return (r < '0' || r > '9') && (r < 'A' || r > 'Z') })
	if len(folded) < shortestPolicyNumber || len(folded) > longestPolicyNumber || strange >= 0 {
		return "", Refuse(InvalidInput, path...)
	}
	return PolicyNumber(folded), nil
}

// ParsePolicyNumbers folds all that an organisation shall have, in order and once each.
func ParsePolicyNumbers(texts []string, path ...string) ([]PolicyNumber, error) {
	if len(texts) > MaximumPolicyNumbers {
		return nil, Refuse(InvalidInput, path...)
	}
	numbers := make([]PolicyNumber, len(texts))
	for i, text := range texts {
		number, err := ParsePolicyNumber(text, append(slices.Clone(path), strconv.Itoa(i))...)
		if err != nil {
			return nil, err
		}
		numbers[i] = number
	}
	slices.Sort(numbers)
	return slices.Compact(numbers), nil
}
