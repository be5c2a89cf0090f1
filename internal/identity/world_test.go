package identity

import (
	"errors"
	"testing"
	"time"
)

// noon is an instant like any other, with the microseconds that the database keeps.
var noon = time.Date(2025, time.October, 1, 12, 0, 0, 0, time.UTC)

// november is when tvm requires a second factor of everybody.
var november = time.Date(2025, time.November, 1, 0, 0, 0, 0, time.FixedZone("CET", 3600))

// tick is the smallest step of the database's clock.
const tick = time.Microsecond

func pointer[T any](value T) *T { return &value }

// tvm is a portal whose main users activate two-factor authentication, and which requires it from November on.
func tvm() Portal {
	return Portal{
		Slug: "tvm", Name: "Mijn TVM", Languages: []Language{Dutch, English},
		SignIn:    SignInPolicy{Identifiers: []IdentifierKind{ByEmail}},
		Passwords: PasswordPolicy{MinimumLength: 8, RequireUpper: true, RequireLower: true, RequireDigit: true, RequireSpecial: true},
		Factors:   FactorPolicy{Kinds: []FactorKind{TOTP}, Change: ChangedByReRegistration, TOTPSkew: 1},
		TwoFactor: TwoFactorPolicy{StartedBy: StartedByOrganisation, Irreversible: true, RequiredFrom: &november},
		Sessions:  SessionPolicy{Idle: 30 * time.Minute, Absolute: 12 * time.Hour},
		Lockout: LockoutPolicy{
			FreeAttempts: 3, FirstDelay: time.Second, LongestDelay: 15 * time.Minute,
			PasswordLimit: 20, PasswordLockedFor: time.Hour, CodeLimit: 10,
		},
		Recovery: RecoveryPolicy{Factors: SelfService},
		Links: LinkPolicy{
			Invitation: 7 * 24 * time.Hour, ReRegistration: 24 * time.Hour, PasswordReset: time.Hour, ResendPause: time.Minute,
		},
	}
}

// transporter is a customer of tvm's.
func transporter() Organisation {
	return Organisation{ID: "org_1", Portal: "tvm", Name: "Van Joosten Transport", MainUserID: "usr_main"}
}

// joost is a registered sub-user of the transporter's.
func joost() User {
	return User{
		ID: "usr_joost", Portal: "tvm", OrganisationID: "org_1", DisplayName: "Jonnie van Joosten", Email: "joost@tvm.test",
		Role: SubUser, Registration: Registered, CredentialVersion: 3, Language: Dutch,
	}
}

// enrolled gives a user an authenticator app.
func enrolled(u User) User {
	u.FactorKinds = []FactorKind{TOTP}
	u.Factors = []Factor{{ID: "fac_1", User: u.ID, Kind: TOTP}}
	return u
}

// refused checks that an error is that one refusal; "" for none.
func refused(t *testing.T, err error, want Code) {
	t.Helper()
	if got := codeOf(t, err); got != want {
		t.Errorf("refused with %q, want %q", got, want)
	}
}

// codeOf is the code of a refusal, "" for none; a fault ends the test.
func codeOf(t *testing.T, err error) Code {
	t.Helper()
	if err == nil {
		return ""
	}
	refusal, ok := errors.AsType[*Error](err)
	if !ok {
		t.Fatalf("a fault: %v", err)
	}
	return refusal.Code
}

// waitOf is how long a refusal says to wait.
func waitOf(err error) time.Duration {
	if refusal, ok := errors.AsType[*Error](err); ok {
		return refusal.RetryAfter
	}
	return 0
}

// pathOf is where in the input a refusal points.
func pathOf(err error) []string {
	if refusal, ok := errors.AsType[*Error](err); ok {
		return refusal.Path
	}
	return nil
}
