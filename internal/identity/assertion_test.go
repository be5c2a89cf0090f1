package identity

import (
	"errors"
	"testing"
)

func TestALevelIsOneOfEHerkenningsOwnNamesAndNothingLikeThem(t *testing.T) {
	t.Parallel()
	const class = "urn:etoegang:core:assurance-class:"
	for urn, want := range map[string]AssuranceLevel{
		class + "loa2": EH2, class + "loa2plus": EH2Plus, class + "loa3": EH3, class + "loa4": EH4,
	} {
		if got, err := ParseAssuranceURN(urn); got != want || err != nil {
			t.Errorf("%s is %q, %v", urn, got, err)
		}
	}
	for _, urn := range []string{
		"", class, class + "loa1", class + "loa5", class + "loa3plus", class + "loa33", class + "loa3 ", " " + class + "loa3",
		class + "LOA3", "URN:etoegang:core:assurance-class:loa3", "loa3", "EH3", class + "loa3\n", class + "loa\uff13",
		"urn:oasis:names:tc:SAML:2.0:ac:classes:MobileTwoFactorContract",   // DigiD
		"http://eidas.europa.eu/LoA/substantial", "nl:bvn:bankid:1.0:loa3", // eIDAS, iDIN
		"urn:etoegang:core:assurance-class:loa3#urn:etoegang:core:assurance-class:loa2",
	} {
		if got, err := ParseAssuranceURN(urn); got != "" || !errors.Is(err, Refuse(AssuranceTooLow)) {
			t.Errorf("%q is %q, %v", urn, got, err)
		}
	}
}

func TestLevelsAreOrderedByStrengthAndNotByName(t *testing.T) {
	t.Parallel()
	for i, level := range AssuranceLevels {
		for j, minimum := range AssuranceLevels {
			if level.AtLeast(minimum) != (i >= j) {
				t.Errorf("%s at least %s: %t", level, minimum, level.AtLeast(minimum))
			}
		}
		if level.AtLeast("") || AssuranceLevel("").AtLeast(level) || level.AtLeast("EH1") || AssuranceLevel("EH9").AtLeast(level) {
			t.Errorf("%s compares with what is no level", level)
		}
		if got, err := ParseAssuranceLevel(string(level)); got != level || err != nil {
			t.Errorf("%s: %q, %v", level, got, err)
		}
	}
	if _, err := ParseAssuranceLevel("EH1", "minimum"); !errors.Is(err, Refuse(InvalidInput)) {
		t.Error(err)
	}
}

func TestNumbersOfTheTradeRegisterAreAsciiDigitsAndNothingElse(t *testing.T) {
	t.Parallel()
	for _, kvk := range []string{"00000000", "68750110", "01234567", "99999999"} {
		if got, err := ParseKVKNumber(kvk); string(got) != kvk || err != nil {
			t.Errorf("%s: %q, %v", kvk, got, err)
		}
	}
	for _, number := range []string{"000000000000", "000037178598"} {
		if got, err := ParseEstablishmentNumber(number); string(got) != number || err != nil {
			t.Errorf("%s: %q, %v", number, got, err)
		}
	}
	for _, wrong := range []string{
		"", "1234567", "123456789", " 12345678", "12345678 ", "12345678\n", "1234567a", "+1234567", "1234.567", "-1234567",
		"١٢٣٤٥٦٧٨", "１２３４５６７８", "1234\u00a0567", "12345\u200b678", "00003717859", "0000371785980", "00003717859O", "000037178\n98",
	} {
		if got, err := ParseKVKNumber(wrong); got != "" || !errors.Is(err, Refuse(InvalidInput)) {
			t.Errorf("%q: %q, %v", wrong, got, err)
		}
		if got, err := ParseEstablishmentNumber(wrong); got != "" || !errors.Is(err, Refuse(InvalidInput)) {
			t.Errorf("%q: %q, %v", wrong, got, err)
		}
	}
}

func TestWhoeverIsNotIdentifiedHearsLessThanTheLog(t *testing.T) {
	t.Parallel()
	err := error(&Unidentified{Code: IdentificationFailed, Reason: "signature"})
	refusals, ok := Refusals(err)
	if !ok || len(refusals) != 1 || refusals[0].Code != IdentificationFailed || err.Error() != "not identified: signature" {
		t.Errorf("%v: %v, %t", err, refusals, ok)
	}
}
