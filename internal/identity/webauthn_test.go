package identity

import "testing"

// keyed is a user with a security key for each of the names, and factors of other kinds.
func keyed(names []string, kinds ...FactorKind) User {
	u := holding(kinds...)
	for i, name := range names {
		u.FactorKinds = append(u.FactorKinds, WebAuthn)
		u.Factors = append(u.Factors, Factor{ID: ID("fac_key" + string(rune('1'+i))), User: u.ID, Kind: WebAuthn, Name: name})
	}
	return u
}

// without is the user whose factor with that id is disabled.
func (u User) without(id ID) User {
	for i := range u.Factors {
		if u.Factors[i].ID == id {
			u.Factors[i].DisabledAt = &noon
		}
	}
	return u
}

func TestASecurityKeyHasANameOfItsOwn(t *testing.T) {
	t.Parallel()
	user := keyed([]string{"Blauwe YubiKey", "In de la"}, TOTP)
	user.Factors[0].Name = "Telefoon"
	for _, row := range []struct {
		key  ID
		name string
		want Code
	}{
		{"", "Rode YubiKey", ""},
		{"", "Blauwe YubiKey", FactorNameTaken},
		{"", "BLAUWE yubikey", FactorNameTaken},
		{"fac_key1", "blauwe yubikey", ""},
		{"fac_key2", "blauwe yubikey", FactorNameTaken},
		{"", "Telefoon", ""}, // which is an app's
	} {
		refused(t, user.NameKey(row.key, row.name), row.want)
	}
}

func TestAUserHasTenSecurityKeysAtMost(t *testing.T) {
	t.Parallel()
	policy := FactorPolicy{Kinds: []FactorKind{WebAuthn, TOTP}, Change: ChangedByUser}
	names := []string{"1", "2", "3", "4", "5", "6", "7", "8", "9"}
	refused(t, policy.Enrol(WebAuthn, keyed(names, TOTP)), "")
	refused(t, policy.Enrol(WebAuthn, keyed(append(names, "10"))), FactorLimitReached)
	refused(t, policy.Enrol(TOTP, keyed(append(names, "10"))), "")
}

func TestOnlyOfSecurityKeysOneCanHaveSeveral(t *testing.T) {
	t.Parallel()
	for _, kind := range FactorKinds {
		if kind.IsPlural() != (kind == WebAuthn) {
			t.Errorf("%s: %t", kind, kind.IsPlural())
		}
	}
}

func TestProofOfASecurityKeyIsTheStrongest(t *testing.T) {
	t.Parallel()
	for _, kind := range FactorKinds {
		want := TwoFactor
		if kind == WebAuthn {
			want = PhishingResistant
		}
		if got := kind.Strength(); got != want {
			t.Errorf("%s: %s", kind, got)
		}
	}
	if SingleFactor.Or(TwoFactor) != TwoFactor || PhishingResistant.Or(TwoFactor) != PhishingResistant || SingleFactor.Or(SingleFactor) != SingleFactor {
		t.Error("the stronger of two isn't")
	}
}

func TestADisabledFactorForgivesNothing(t *testing.T) {
	t.Parallel()
	user := keyed([]string{"Sleutel"}).without("fac_key1")
	if left := (LockoutPolicy{CodeLimit: 10}).attemptsRemaining(user.Factors, noon); left != 0 {
		t.Errorf("%d", left)
	}
	if len(user.Keys()) != 0 || len(keyed([]string{"a", "b"}, TOTP).Keys()) != 2 {
		t.Error("the keys that work aren't those that aren't disabled")
	}
}
