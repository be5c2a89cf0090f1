package identity

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"unicode/utf8"
)

// PasswordPolicy is what a portal asks of a password. The default follows NIST SP 800-63B-4: length and a blocklist, no
// composition rules; composition rules exist because portals have published them to their users.
type PasswordPolicy struct {
	// MinimumLength counts characters (Unicode code points).
	MinimumLength int
	// RequireUpper and the like are the composition rules.
	RequireUpper, RequireLower, RequireDigit, RequireSpecial bool
	// Blocklist says which passwords are too easy to guess, whatever rules they meet.
	Blocklist Blocklist
}

// Blocklist is which passwords are refused as too easy to guess.
type Blocklist string

// The blocklists, weakest first.
const (
	// BlockCommon refuses what stands on the list of the most common passwords.
	BlockCommon Blocklist = "COMMON"
	// BlockExpected also refuses those with the usual decoration, and those built from expected words: the portal's, the
	// organisation's or the user's name.
	BlockExpected Blocklist = "EXPECTED"
)

// MaximumPasswordBytes bounds a password in UTF-8, for every portal.
const MaximumPasswordBytes = 256

// Ids of password rules; texts for people belong to them.
const (
	RuleMinimumLength = "minimumLength"
	RuleUpper         = "upperCase"
	RuleLower         = "lowerCase"
	RuleDigit         = "digit"
	RuleSpecial       = "special"
	RuleMaximumLength = "maximumLength"
	RuleNotCommon     = "notCommon"
)

// PasswordRule is one rule that a page can tick while the password is typed.
type PasswordRule struct {
	ID string
	// Minimum is the number in the rule's text, where it has one.
	Minimum int
	// Pattern matches a password that meets the rule. It means the same to this server (RE2) and to a browser
	// (JavaScript with the u flag), so that a tick on the page and the decision here never differ.
	Pattern string
}

// Met tells whether a password meets the rule.
func (r PasswordRule) Met(password string) bool {
	return regexp.MustCompile(r.Pattern).MatchString(password)
}

// Rules lists what a page can tick, in the order in which people expect it.
func (p PasswordPolicy) Rules() []PasswordRule {
	rules := []PasswordRule{{
		ID: RuleMinimumLength, Minimum: p.MinimumLength,
		Pattern: `^[\s\S]{` + strconv.Itoa(p.MinimumLength) + `,}$`,
	}}
	for _, composition := range []struct {
		required    bool
		id, pattern string
	}{
		{p.RequireUpper, RuleUpper, `\p{Lu}`},
		{p.RequireLower, RuleLower, `\p{Ll}`},
		{p.RequireDigit, RuleDigit, `\p{Nd}`},
		// Not \s, which is another set in a browser than here.
		{p.RequireSpecial, RuleSpecial, `[^\p{L}\p{N}\p{Z}\p{Cc}]`},
	} {
		if composition.required {
			rules = append(rules, PasswordRule{ID: composition.id, Minimum: 1, Pattern: composition.pattern})
		}
	}
	return rules
}

// Check decides whether a password will do, and refuses with every broken rule at once. Whether the blocklist
// has it the caller has looked up.
func (p PasswordPolicy) Check(password string, blocked bool, path ...string) error {
	if len(password) > MaximumPasswordBytes || !utf8.ValidString(password) {
		return weak(RuleMaximumLength, path)
	}
	var broken []error
	for _, rule := range p.Rules() {
		if !rule.Met(password) {
			broken = append(broken, &Error{Code: PasswordTooWeak, Path: path, Rule: rule.ID, Minimum: rule.Minimum})
		}
	}
	if blocked {
		broken = append(broken, weak(RuleNotCommon, path))
	}
	return errors.Join(broken...)
}

func weak(rule string, path []string) *Error {
	return &Error{Code: PasswordTooWeak, Path: path, Rule: rule}
}

// Validate tells what is wrong with the policy itself.
func (p PasswordPolicy) Validate() error {
	if p.MinimumLength < 8 || p.MinimumLength > 64 {
		return fmt.Errorf("minimum length is %d; allowed is 8 to 64", p.MinimumLength)
	}
	return nil
}
