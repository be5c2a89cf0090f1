package graph_test

import (
	"strings"
	"testing"

	"github.com/sleutelbos/sleutelbos/internal/testrig"
)

// invitation is a true story, which ends with a mail that isn't told.
const invitation = `-- given --
organisations:
  Joosten:
    main user: Jonnie <joost@tvm.test>
signed in:
  jonnie: joost@tvm.test
-- jonnie asks --
mutation { inviteUser(input: {email: "gewone@tvm.test", displayName: "Gewone"}) { userErrors { code } } }
-- jonnie hears --
{"inviteUser": {"userErrors": []}}
`

// aText is a true story too, which ends with a text that isn't told.
const aText = `-- given --
policies: {tvm: {factors: {kinds: [totp, sms]}}}
organisations: {Joosten: {main user: Jonnie <joost@tvm.test>}}
signed in:
  jonnie: joost@tvm.test
-- jonnie asks --
mutation { beginSmsEnrolment(input: {phoneNumber: "+31612345678"}) { userErrors { code } } }
-- jonnie hears --
{"beginSmsEnrolment": {"userErrors": []}}
`

// lies are stories with one mistake each, and the complaint that must come, with its line.
var lies = []struct{ what, story, complaint string }{
	{"an unknown section", "-- jonnie sings --\n", "1: jonnie sings: no section"},
	{"prose only, and then a section", "Once upon a time\n\n-- jonnie sings --\n", "3: "},
	{"an unknown key", "-- given --\nfriends: []\n", "friends"},
	{"given too late", "-- (1) --\n-- given --\npartners: {}\n", "2: given: it comes first"},
	{"another value", "-- jo asks --\n{ portal { slug } }\n-- jo hears --\n{\"portal\": {\"slug\": \"other\"}}\n", `3: jo hears: ` + "\n" + `  portal.slug: told "other", heard "tvm"`},
	{"a field too many", "-- jo asks --\n{ portal { slug } }\n-- jo hears --\n{\"portal\": {\"slug\": \"tvm\", \"name\": \"*\"}}\n", "portal.name: told, and not heard"},
	{"a field too few", "-- jo asks --\n{ portal { slug name } }\n-- jo hears --\n{\"portal\": {\"slug\": \"tvm\"}}\n", `portal.name: heard "Mijn TVM", and not told`},
	{"an item too few", "-- jo asks --\n{ portal { languages } }\n-- jo hears --\n{\"portal\": {\"languages\": [\"nl\"]}}\n", "portal.languages: 1 told, 2 heard"},
	{"anything, where there is nothing", "-- jo asks --\n{ viewer { user { id } } }\n-- jo hears --\n{\"viewer\": \"*\"}\n", `viewer: told "*", heard null`},
	{"a part for the whole", "-- jo asks --\n{ portal { name } }\n-- jo hears --\n{\"portal\": {\"name\": \"Mijn\"}}\n", `heard "Mijn TVM"`},
	{"an answer that isn't JSON", "-- jo asks --\n{ portal { slug } }\n-- jo hears --\n{portal}\n", "isn't JSON"},
	{"two answers", "-- jo asks --\n{ portal { slug } }\n-- jo hears --\n{\"portal\": {\"slug\": \"tvm\"}}\n{}\n", "more than one"},
	{"an error that isn't told", "-- jo asks --\n{ organisation { name } }\n-- jo hears --\n{\"organisation\": null}\n", ".errors"},
	{"an error of another code", "-- jo asks --\n{ organisation { name } }\n-- jo hears --\n{\"errors\": [{\"code\": \"FORBIDDEN\", \"path\": [\"organisation\"]}], \"data\": {\"organisation\": null}}\n", "UNAUTHENTICATED"},
	{"a question without an answer", "-- jo asks --\n{ portal { slug } }\n", "what jo hears is missing"},
	{"another one's answer", "-- jo asks --\n{ portal { slug } }\n-- al hears --\n{}\n", "what jo hears is missing"},
	{"an answer without a question", "-- jo hears --\n{}\n", "nobody asked"},
	{"a name that nothing has", "-- jo asks --\n{ node(id: \"{{it}}\") { id } }\n", "nothing is called {{it}}"},
	{"a name that is never used", "-- jo asks --\n{ portal { slug } }\n-- jo hears --\n{\"portal\": {\"slug\": \"{{it}}\"}}\n", "named and never used"},
	{"a name for two things", "-- jo asks --\n{ portal { slug name } }\n-- jo hears --\n{\"portal\": {\"slug\": \"{{it}}\", \"name\": \"{{it}}\"}}\n", `told "{{it}}"`},
	{"a mail that isn't told", invitation, "9: the end: a mail to gewone@tvm.test isn't told: Uitnodiging"},
	{"a mail that isn't there", invitation + "-- mail to joost@tvm.test --\nUitnodiging\n", "11: mail to joost@tvm.test: there is none"},
	{"a mail by another name", invitation + "-- mail to gewone@tvm.test --\nUitnodiging\n", "there is none called «Uitnodiging», but these"},
	{"a mail with another text", invitation + "-- mail to gewone@tvm.test --\nUitnodiging: uw account voor Mijn TVM\nTot ziens\n", "«Tot ziens» isn't in the text"},
	{"no mail, where there is one", invitation + "-- no mail to gewone@tvm.test --\n", "there is one"},
	{"a text that isn't there", "-- text to +31612345678 --\nHallo\n", "1: text to +31612345678: there is none"},
	{"what Twilio says of no text", "-- twilio says delivered of +31612345678 --\n", "no text to that number was told"},
	{"a text that isn't told", aText, "8: the end: a text to +31612345678 isn't told"},
	{"a text by other words", aText + "-- text to +31612345678 --\nHallo\n", "it begins with «"},
	{"no text, where there is one", aText + "-- no text to +31612345678 --\n", "there is one"},
	{"a provider that the portal hasn't", "-- jo comes by idin --\nsubject: jo\n", "has no provider called that"},
	{"a clock that goes back", "-- clock 2025-06-11T11:59:59Z --\n", "the clock is at 2025-06-11T12:00:00Z already"},
	{"a clock that isn't one", "-- clock noon --\n", "noon"},
}

// A story proves what the server does only as far as the stories themselves are held to what they say.
func TestAStoryIsHeldToEveryWord(t *testing.T) {
	t.Parallel()
	for _, lie := range lies {
		t.Run(lie.what, func(t *testing.T) {
			t.Parallel()
			err := tell(t, testrig.NewSQLite(t, testrig.NewClock()), []byte(lie.story))
			if err == nil || !strings.Contains(err.Error(), lie.complaint) {
				t.Errorf("want «%s», got: %v", lie.complaint, err)
			}
		})
	}
}

func TestATrueStoryIsBelieved(t *testing.T) {
	t.Parallel()
	story := invitation + "-- mail to gewone@tvm.test --\nUitnodiging: uw account voor Mijn TVM\nhttps://mijn.tvm.example/wachtwoord#token={{link}}\n" +
		"-- al asks --\n# a remark\nmutation { inspectLink(input: {token: \"{{link}}\"}) { purpose userErrors { code } } }\n" +
		"-- al hears --\n# a remark\n{\"inspectLink\": {\"purpose\": \"INVITATION\", \"userErrors\": []}}\n"
	if err := tell(t, testrig.NewSQLite(t, testrig.NewClock()), []byte(story)); err != nil {
		t.Error(err)
	}
}
