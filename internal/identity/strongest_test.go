package identity

import (
	"errors"
	"testing"
)

func TestFactorsAndContactAreChangedByTheStrongestFactorOnly(t *testing.T) {
	t.Parallel()
	key := []string{"Sleutel"}
	disabled := func(u User, kind FactorKind) User {
		for i := range u.Factors {
			if u.Factors[i].Kind == kind {
				u.Factors[i].DisabledAt = &yesterday
			}
		}
		return u
	}
	for _, row := range []struct {
		sentence         string
		proof            FactorKind
		user             User
		factors, contact Code
	}{
		{"somebody without a factor has nothing to prove", "", joost(), "", ""},
		{"whoever has recovery codes alone had a factor", "", holding(RecoveryCode), ReauthenticationRequired, ReauthenticationRequired},
		{"not by the password alone", "", holding(TOTP), ReauthenticationRequired, ReauthenticationRequired},
		{"by an app, where it is the strongest", TOTP, holding(TOTP, Email), "", ""},
		{"not by a code by mail beside an app", Email, holding(TOTP, Email), ReauthenticationRequired, ReauthenticationRequired},
		{"by a code by mail, where it is the strongest", Email, holding(Email, RecoveryCode), "", ""},
		{"not by an app beside a key", TOTP, keyed(key, TOTP), ReauthenticationRequired, ReauthenticationRequired},
		{"by the key", WebAuthn, keyed(key, TOTP), "", ""},
		{"by another key", WebAuthn, keyed([]string{"a", "b"}, TOTP), "", ""},
		{"by an app beside a key that is disabled", TOTP, keyed(key, TOTP).without("fac_key1"), "", ""},
		{"by a code by mail beside an app that is disabled", Email, disabled(holding(TOTP, Email), TOTP), "", ""},
		{"not by the password where all is disabled", "", disabled(holding(TOTP), TOTP), ReauthenticationRequired, ReauthenticationRequired},
		{"by what was proved before it was disabled, where all is", TOTP, disabled(holding(TOTP), TOTP), "", ""},
		{"a recovery code stands in for what was lost, and reaches no address", RecoveryCode, keyed(key, RecoveryCode), "", ReauthenticationRequired},
		{"nor a number", RecoveryCode, holding(Email, RecoveryCode), "", ReauthenticationRequired},
	} {
		t.Run(row.sentence, func(t *testing.T) {
			t.Parallel()
			session := Session{ProvenBy: row.proof}
			refused(t, session.MayChangeFactors(row.user), row.factors)
			refused(t, session.MayChangeContact(row.user), row.contact)
		})
	}
}

func TestWhatIsNeededIsSaid(t *testing.T) {
	t.Parallel()
	for kind, want := range map[FactorKind]SessionStrength{WebAuthn: PhishingResistant, TOTP: TwoFactor, Email: TwoFactor} {
		refusal, _ := errors.AsType[*Error](Session{}.MayChangeFactors(holding(kind, RecoveryCode)))
		if refusal == nil || refusal.Factor != kind || refusal.Strength != want {
			t.Errorf("%s: %+v", kind, refusal)
		}
	}
}

func TestKindsOfFactorsAreComparedByTheirStrength(t *testing.T) {
	t.Parallel()
	for i, stronger := range FactorKinds {
		for j, weaker := range FactorKinds {
			if stronger.AtLeast(weaker) != (i <= j) || stronger.Or(weaker) != FactorKinds[min(i, j)] {
				t.Errorf("%s and %s", stronger, weaker)
			}
		}
		if FactorKind("").AtLeast(stronger) || !stronger.AtLeast("") || stronger.Or("") != stronger || FactorKind("").Or(stronger) != stronger {
			t.Errorf("%s and nothing", stronger)
		}
	}
}
