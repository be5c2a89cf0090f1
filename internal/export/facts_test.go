package export

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// factual is an audit log of which the first event tells nothing of a person, the second what spreadsheets trip over, and the
// third what was erased.
func factual() []identity.AuditEvent {
	events := chain(3)
	kees := "@kees"
	previous := events[0].Hash
	for i := 1; i < len(events); i++ {
		facts := identity.Client{IPAddress: "::1", UserAgent: `=HYPERLINK("http://evil.test")`}.Facts().WithEmail("", "+kees@tvm.test").
			WithNames(identity.User{DisplayName: "-2+3"}, identity.User{DisplayName: "Kees, \"de\" Kok", Username: &kees})
		facts.Salt, facts.User = strings.Repeat("0f", 32), "usr_1"
		events[i].KeyID, events[i].SealedFacts, events[i].FactsHash = "key_1", bytes.Repeat([]byte{0xfb}, 40), facts.Hash()
		events[i].Facts = &facts
		events[i] = events[i].Link(int64(i+1), previous)
		previous = events[i].Hash
	}
	events[2].Facts = nil
	return events
}

func TestAnExportProvesItselfWithItsFactsAndOnceTheyAreErased(t *testing.T) {
	t.Parallel()
	for _, format := range formats {
		events := factual()
		head := headOfChain(events, false)
		for _, erased := range []bool{false, true} {
			if erased {
				events[1].Facts = nil
			}
			text := file(t, format, head, events...)
			got, err := Verify(strings.NewReader(text), note(events[2]))
			if diff := cmp.Diff(head, got); err != nil || diff != "" {
				t.Errorf("%s, erased: %t: %v %s", format, erased, err, diff)
			}
			if shown := strings.Contains(text, "kees@tvm.test"); shown == erased {
				t.Errorf("%s, erased: %t, shows them: %t", format, erased, shown)
			}
		}
	}
}

func TestFactsThatWereChangedInAFileShow(t *testing.T) {
	t.Parallel()
	for _, format := range formats {
		events := factual()
		text := file(t, format, headOfChain(events, false), events...)
		for _, change := range [][2]string{
			{"evil.test", "good.test"},
			{"+kees@tvm.test", "+piet@tvm.test"},
			{strings.Repeat("0f", 32), strings.Repeat("1f", 32)},
			{"+/v7", "+/v8"},
			{"key_1", "key_2"},
		} {
			at := strings.LastIndex(text, change[0]) // the first may be of an event without facts
			changed := text[:at] + change[1] + text[at+len(change[0]):]
			if _, err := Verify(strings.NewReader(changed), nil); err == nil || changed == text {
				t.Errorf("%s: with %s for %s it verifies", format, change[1], change[0])
			}
		}
	}
}

func TestNoCellOfFactsIsAFormula(t *testing.T) {
	t.Parallel()
	events := factual()
	rows, err := csv.NewReader(strings.NewReader(file(t, CSV, headOfChain(events, false), events...))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for column, want := range map[int]string{
		16: "::1", 17: `'=HYPERLINK("http://evil.test")`, 19: "'+kees@tvm.test", 22: "'-2+3", 23: `Kees, "de" Kok`, 25: "'@kees", 12: "'+/v7",
	} {
		if got := rows[2][column]; !strings.HasPrefix(got, want) {
			t.Errorf("%s is written as %s, want %s", rows[0][column], got, want)
		}
	}
	for _, row := range rows {
		for column, cell := range row {
			if cell != "" && strings.ContainsRune("=+-@\t\r\n", rune(cell[0])) {
				t.Errorf("%s: a spreadsheet takes %s for a formula", rows[0][column], cell)
			}
		}
	}
}

// Customers keep exports for years. These are as they were before events had facts; the hash was worked out by another program.
func TestAnExportFromBeforeThereWereFactsStillVerifies(t *testing.T) {
	t.Parallel()
	const hash = "2cf0229b9a225485f17cbaf7500c6570aee7e150a2e1c368f0d1fb240cfe016b"
	zeros := strings.Repeat("0", 64)
	for _, text := range []string{
		`{"sequence":1,"id":"evt_1","at":"2025-10-01T12:00:00.123456Z","portal":"tvm","organisation":"org_1",` +
			`"action":"ORGANISATION_TWO_FACTOR_DEACTIVATED","actorId":"usr_1","targetId":"org_1",` +
			`"details":{"reason":"\u003céén\u003e \u0026 \"ander\"","ticket":"T-1"},"previousHash":"` + zeros + `","hash":"` + hash + `"}
{"head":{"sequence":1,"hash":"` + hash + `","at":"2025-10-01T12:00:00.123456Z","portal":"tvm","organisation":"org_1","events":1,"filtered":false}}
`,
		`sequence,id,at,portal,organisation,action,actorId,targetId,details,previousHash,hash
1,evt_1,2025-10-01T12:00:00.123456Z,tvm,org_1,ORGANISATION_TWO_FACTOR_DEACTIVATED,usr_1,org_1,` +
			`"{""reason"":""\u003céén\u003e \u0026 \""ander\"""",""ticket"":""T-1""}",` + zeros + `,` + hash + `
1,,2025-10-01T12:00:00.123456Z,tvm,org_1,head,,,"{""events"":""1"",""filtered"":""false""}",,` + hash + `
`,
	} {
		if _, err := Verify(strings.NewReader(text), nil); err != nil {
			t.Errorf("%v:\n%s", err, text)
		}
		if _, err := Verify(strings.NewReader(strings.Replace(text, "usr_1", "usr_2", 1)), nil); err == nil {
			t.Errorf("changed, it verifies:\n%s", text)
		}
	}
}
