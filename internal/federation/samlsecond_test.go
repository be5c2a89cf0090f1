package federation

import (
	"testing"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

func TestTheLibraryHasToReadTheSameAssertion(t *testing.T) {
	t.Parallel()
	p, message := receiver(), vector{}.make(t)
	if err := p.secondReading(message, whole(), p.broker.keys, expected); err != nil {
		t.Fatal(err)
	}
	for sentence, change := range map[string]func(*identity.Assertion, *expectation){
		"another assertion":             func(first *identity.Assertion, _ *expectation) { first.ID = "_advice" },
		"another issuer":                func(first *identity.Assertion, _ *expectation) { first.Issuer = ourEntity },
		"another level":                 func(first *identity.Assertion, _ *expectation) { first.Level = identity.EH4 },
		"one that the library refuses":  func(_ *identity.Assertion, want *expectation) { want.requestID = "_other" },
		"one to another question":       func(_ *identity.Assertion, want *expectation) { want.resolveID = "_other" },
		"one whose keys have all ended": func(_ *identity.Assertion, want *expectation) { want.now = noon.AddDate(10, 0, 0) },
	} {
		first, want := whole(), expected
		change(&first, &want)
		if err := p.secondReading(message, first, p.broker.keys, want); ReasonOf(err) != SecondReader {
			t.Errorf("%s: %v", sentence, err)
		}
	}
	// It panics at this one, which the gate never shows it.
	bare := without(conditions + restriction + `</saml:Conditions>`).make(t)
	if err := p.secondReading(bare, whole(), p.broker.keys, expected); ReasonOf(err) != SecondReader {
		t.Errorf("no conditions: %v", err)
	}
}
