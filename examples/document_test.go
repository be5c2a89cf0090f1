package examples_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

// What docs/partners.md asks, a server answers, in the order in which it stands there.
func TestEveryQuestionInThePartnersManualIsAnswered(t *testing.T) {
	t.Parallel()
	manual, err := os.ReadFile("../docs/partners.md")
	if err != nil {
		t.Fatal(err)
	}
	questions := regexp.MustCompile("(?s)```graphql\n(.*?)```|\"query\":\"(.*?)\"}'").FindAllStringSubmatch(string(manual), -1)
	if len(questions) < 5 {
		t.Fatalf("found %d questions in the manual", len(questions))
	}
	r := rig.New(t, testrig.NewSQLite(t, testrig.NewClock()))
	partner := r.Partner("interpolis", r.Token("interpolis", identity.APIScopes...))
	organisation := ""
	for _, question := range questions {
		answer := partner.Do(strings.ReplaceAll(question[1]+question[2], "org_…", organisation))
		if codes := answer.Codes(); len(codes) > 0 || answer.JSON("organisation") == "null" {
			t.Errorf("%s\nhears %s", question[0], answer.Text)
		}
		if id := answer.String("createOrganisation.organisation.id"); id != "" {
			organisation = id
		}
	}
}

func TestTheManualNamesEveryScope(t *testing.T) {
	t.Parallel()
	manual, err := os.ReadFile("../docs/partners.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, scope := range identity.APIScopes {
		if !strings.Contains(string(manual), "| `"+string(scope)+"` |") {
			t.Errorf("the manual says nothing of the scope %s", scope)
		}
	}
}
