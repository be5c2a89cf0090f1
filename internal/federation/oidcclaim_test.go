package federation

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

func claimsOf(t testing.TB, text string) claimSet {
	t.Helper()
	var claims claimSet
	if err := json.Unmarshal([]byte(text), &claims); err != nil {
		t.Fatal(err)
	}
	return claims
}

// urnRow is a row of a broker that passes on eHerkenning's own names.
func urnRow() OIDC {
	row := eHerkenningRow("https://broker.example")
	row.OIDC.Claims = identity.ClaimNames{
		Subject: "urn:etoegang:core:ActingSubjectID", KVKNumber: "urn:etoegang:core:LegalSubjectID", KVKQualifier: "namequalifier",
		KVKQualifierValue: "urn:etoegang:1.9:EntityConcernedID:KvKnr", Establishment: "urn:etoegang:1.9:ServiceRestriction:Vestigingsnr",
		Intermediary: "urn:etoegang:1.9:IntermediateEntityID:KvKnr", Service: "urn:etoegang:core:ServiceUUID", ServiceValue: "our-service",
	}
	return row
}

func TestTheNumberIsTakenFromItsOwnClaimWithTheRightQualifierAlone(t *testing.T) {
	t.Parallel()
	for claims, want := range map[string]Reason{
		`{"namequalifier":"urn:etoegang:1.9:EntityConcernedID:KvKnr"}`: "",
		`{}`: KVKNumberMissing,
		`{"namequalifier":"urn:etoegang:1.9:EntityConcernedID:RSIN"}`:                                          KVKNumberMissing,
		`{"namequalifier":"urn:etoegang:1.12:EntityConcernedID:BSN"}`:                                          KVKNumberMissing,
		`{"namequalifier":["urn:etoegang:1.9:EntityConcernedID:KvKnr"]}`:                                       KVKNumberMissing,
		`{"namequalifier":"urn:etoegang:1.9:EntityConcernedID:KvKnr","urn:etoegang:core:ServiceUUID":"other"}`: ServiceWrong,
		`{"namequalifier":"urn:etoegang:1.9:EntityConcernedID:KvKnr","urn:etoegang:core:ServiceUUID":null}`:    ServiceWrong,
		`{"namequalifier":"urn:etoegang:1.9:EntityConcernedID:KvKnr","urn:etoegang:core:LegalSubjectID":null,
			"urn:etoegang:1.9:IntermediateEntityID:KvKnr":"69599084","urn:etoegang:1.9:EntityConcernedID:KvKnr":"69599084"}`: KVKNumberMissing,
	} {
		all := claimsOf(t, `{"urn:etoegang:core:ActingSubjectID":"ab@cd","urn:etoegang:core:LegalSubjectID":"68750110","urn:etoegang:core:ServiceUUID":"our-service"}`)
		for name, value := range claimsOf(t, claims) {
			all[name] = value
		}
		var assertion identity.Assertion
		err := urnRow().readClaims(all, &assertion)
		if ReasonOf(err) != want {
			t.Errorf("%s: %v, want %q", claims, err, want)
		}
		if err == nil && (assertion.KVKNumber != "68750110" || assertion.Subject != "ab@cd" || assertion.ServiceID != "our-service") {
			t.Errorf("%s: %+v", claims, assertion)
		}
	}
}

// bankRow is iDIN's, or that of what comes after it.
func bankRow() OIDC {
	row := eHerkenningRow("https://broker.example")
	row.Identifies, row.Provider.Levels = identity.Persons, nil
	row.OIDC.Levels = []identity.LevelValue{{Value: "substantial"}}
	row.OIDC.Claims = identity.ClaimNames{
		Subject: "idp_id", Initials: "initials", NamePrefix: "idin_legal_last_name_prefix", Name: "idin_legal_last_name",
		BirthDate: "birthdate", PostalCode: "address > postal_code", HouseNumber: "address > house > number",
	}
	return row
}

func TestAPrivatePersonIsToldByTheClaimsThatAreNamed(t *testing.T) {
	t.Parallel()
	claims := claimsOf(t, `{"idp_id":"NLRABO8de","initials":"JA","idin_legal_last_name_prefix":"van der","idin_legal_last_name":"Berg",
		"birthdate":"19840229","address":{"postal_code":"8011 AA","house":{"number":"3a"}},"email":"x@example.nl","chamber_of_commerce":"68750110",
		"initials > x":"y","family_name":"Other","acr":"substantial"}`)
	var got identity.Assertion
	if err := bankRow().readClaims(claims, &got); err != nil {
		t.Fatal(err)
	}
	want := identity.Assertion{Subject: "NLRABO8de", Person: &identity.Person{
		Initials: "JA", NamePrefix: "van der", Name: "Berg", BirthDate: "19840229", PostalCode: "8011 AA", HouseNumber: "3a",
	}}
	if difference := cmp.Diff(want, got); difference != "" {
		t.Error(difference)
	}
	for value, taken := range map[string]bool{"substantial": true, "low": false, "Substantial": false, "": false, "urn:etoegang:core:assurance-class:loa4": false} {
		claims["acr"], _ = json.Marshal(value)
		if level, err := bankRow().readLevel(claims); (err == nil) != taken || level != "" {
			t.Errorf("level %q: %s, %v", value, level, err)
		}
	}
	delete(claims, "idp_id")
	if err := bankRow().readClaims(claims, &got); ReasonOf(err) != SubjectMissing {
		t.Errorf("without the bank's number: %v", err)
	}
}

// FuzzClaims feeds the reading of claims with anything: what it lets through is well formed, and came from its own claim.
func FuzzClaims(f *testing.F) {
	f.Add([]byte(`{"sub":"x","acr":"urn:etoegang:core:assurance-class:loa3","chamber_of_commerce":"68750110","eherkenning_vestigingsnr":["000037178598"]}`))
	f.Add([]byte(`{"sub":"x","chamber_of_commerce":"68750110","eherkenning_intermediate_kvknr":null}`))
	f.Add([]byte(`{"sub":"x","chamber_of_commerce":["68750110"],"address":{"postal_code":{}}}`))
	row := eHerkenningRow("https://broker.example")
	f.Fuzz(func(t *testing.T, text []byte) {
		var claims claimSet
		if json.Unmarshal(text, &claims) != nil {
			return
		}
		var assertion identity.Assertion
		if row.readClaims(claims, &assertion) == nil {
			wantOwnClaims(t, claims, assertion)
		}
		if level, err := row.readLevel(claims); err == nil && level != identity.EH3 && level != identity.EH4 {
			t.Errorf("%s: level %q", text, level)
		}
		var person identity.Assertion
		_ = bankRow().readClaims(claims, &person)
		if person.KVKNumber != "" || person.Level != "" {
			t.Errorf("%s: a private person speaks for a business", text)
		}
	})
}

func wantOwnClaims(t *testing.T, claims claimSet, assertion identity.Assertion) {
	t.Helper()
	var number string
	if json.Unmarshal(claims["chamber_of_commerce"], &number) != nil || identity.KVKNumber(number) != assertion.KVKNumber {
		t.Errorf("%s is the KVK number of %s", assertion.KVKNumber, claims["chamber_of_commerce"])
	}
	if _, err := identity.ParseKVKNumber(string(assertion.KVKNumber)); err != nil || !isSubject(assertion.Subject) {
		t.Errorf("asserted %+v", assertion)
	}
	if _, limited := claims["eherkenning_vestigingsnr"]; limited != (len(assertion.Establishments) > 0) {
		t.Errorf("limited to %v by %s", assertion.Establishments, claims["eherkenning_vestigingsnr"])
	}
	for _, establishment := range assertion.Establishments {
		if _, err := identity.ParseEstablishmentNumber(string(establishment)); err != nil {
			t.Errorf("establishment %q", establishment)
		}
	}
	if _, chained := claims["eherkenning_intermediate_kvknr"]; chained != (assertion.Intermediary != nil) {
		t.Errorf("the chain is lost: %s", claims["eherkenning_intermediate_kvknr"])
	}
}
