package identity

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestRefusalsAreTakenApartAndNoFaultHidesAmongThem(t *testing.T) {
	t.Parallel()
	weak, taken, fault := &Error{Code: PasswordTooWeak, Rule: RuleDigit}, Refuse(EmailTaken, "input", "email"), errors.New("disk full")
	for _, row := range []struct {
		sentence string
		err      error
		want     []*Error // none: a fault
	}{
		{"nothing is no refusal", nil, nil},
		{"a refusal", weak, []*Error{weak}},
		{"a wrapped one", fmt.Errorf("choose a password: %w", weak), []*Error{weak}},
		{"one wrapped twice", fmt.Errorf("a: %w", fmt.Errorf("b: %w", weak)), []*Error{weak}},
		{"several", errors.Join(weak, taken), []*Error{weak, taken}},
		{"several, wrapped", fmt.Errorf("set up: %w", errors.Join(weak, taken)), []*Error{weak, taken}},
		{"several, each wrapped", errors.Join(fmt.Errorf("a: %w", weak), fmt.Errorf("b: %w", taken)), []*Error{weak, taken}},
		{"several in a line", fmt.Errorf("%w, and %w", weak, taken), []*Error{weak, taken}},
		{"several of several", errors.Join(errors.Join(weak), errors.Join(taken, weak)), []*Error{weak, taken, weak}},
		{"a fault", fault, nil},
		{"a wrapped fault", fmt.Errorf("set up: %w", fault), nil},
		{"a fault behind a refusal", errors.Join(weak, fault), nil},
		{"a fault in front of a refusal", errors.Join(fault, weak), nil},
		{"a fault beside a refusal, wrapped", fmt.Errorf("set up: %w", errors.Join(weak, fault)), nil},
		{"a fault deep down", errors.Join(taken, fmt.Errorf("a: %w", errors.Join(weak, fmt.Errorf("b: %w", fault)))), nil},
		{"a fault in one line with a refusal", fmt.Errorf("%w: %w", weak, fault), nil},
		{"several of nothing", fmt.Errorf("a: %w", several{}), nil},
		{"a request that was given up", errors.Join(weak, context.Canceled), nil},
	} {
		t.Run(row.sentence, func(t *testing.T) {
			t.Parallel()
			got, ok := Refusals(row.err)
			if diff := cmp.Diff(row.want, got); diff != "" || ok != (row.want != nil) {
				t.Errorf("%t\n%s", ok, diff)
			}
		})
	}
}

// several joins no errors, which errors.Join can't.
type several struct{}

func (several) Error() string   { return "nothing" }
func (several) Unwrap() []error { return nil }

func TestRefusalsAreComparedByTheirCode(t *testing.T) {
	t.Parallel()
	err := fmt.Errorf("wait: %w", &Error{Code: TooManyAttempts, RetryAfter: time.Minute})
	if !errors.Is(err, Refuse(TooManyAttempts)) || errors.Is(err, Refuse(InvalidCode)) || errors.Is(err, errors.New("refused: TOO_MANY_ATTEMPTS")) {
		t.Errorf("%v", err)
	}
}

func TestARefusalSaysItsCodeItsRuleAndItsPlace(t *testing.T) {
	t.Parallel()
	for want, err := range map[string]*Error{
		"refused: NOT_FOUND":                                      Refuse(NotFound),
		"refused: EMAIL_TAKEN at input.email":                     Refuse(EmailTaken, "input", "email"),
		"refused: PASSWORD_TOO_WEAK (digit) at input.newPassword": {Code: PasswordTooWeak, Rule: RuleDigit, Path: []string{"input", "newPassword"}},
	} {
		if err.Error() != want {
			t.Errorf("%s, want %s", err, want)
		}
	}
}

func TestADenialRefusesTheRequestAsAWhole(t *testing.T) {
	t.Parallel()
	denials := map[Code]bool{Unauthenticated: true, Forbidden: true, NetworkNotAllowed: true, ReauthenticationRequired: true, RateLimited: true, BadUserInput: true, InvalidCursor: true}
	codes := constants(t, "error.go", "Code")
	for _, code := range codes {
		if Code(code).IsDenial() != denials[Code(code)] {
			t.Errorf("%s is a denial: %t", code, !denials[Code(code)])
		}
	}
	if len(codes) < 30 {
		t.Errorf("only %d codes were found", len(codes))
	}
}
