package export

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

var (
	noon    = time.Date(2025, 6, 11, 12, 0, 0, 123456000, time.UTC)
	formats = []Format{JSONLines, CSV}
)

// chain is an audit log of so many events. The second holds what spreadsheets and readers of lines trip over.
func chain(length int) []identity.AuditEvent {
	events := make([]identity.AuditEvent, length)
	previous := identity.ChainStart()
	for i := range events {
		e := identity.AuditEvent{
			ID: identity.ID(fmt.Sprintf("evt_%d", i)), Portal: "tvm", Organisation: "org_1", At: noon.Add(time.Duration(i) * time.Second),
			Action: identity.SignedIn, Actor: "usr_1", Target: "usr_1", Details: map[string]string{"strength": "TWO_FACTOR"},
		}
		if i == 1 {
			e.Actor, e.Target = "", "=HYPERLINK(\"http://evil.test\")"
			e.Details = map[string]string{"reason": "=1+1,\n\"é\";<b>'\u2028", "ticket": "@SUM(A1)"}
		}
		events[i] = e.Link(int64(i+1), previous)
		previous = events[i].Hash
	}
	return events
}

func headOfChain(events []identity.AuditEvent, filtered bool) Head {
	last := events[len(events)-1]
	return Head{
		AuditHead: identity.AuditHead{Sequence: last.Sequence, Hash: last.Hash, At: last.At}, Portal: last.Portal,
		Organisation: last.Organisation, Events: int64(len(events)), Filtered: filtered,
	}
}

func file(t testing.TB, format Format, head Head, events ...identity.AuditEvent) string {
	t.Helper()
	var text bytes.Buffer
	w := New(format, &text)
	for _, e := range events {
		if err := w.Write(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(head); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

func note(e identity.AuditEvent) *Noted { return &Noted{e.Sequence, e.Hash} }

func TestACompleteExportProvesItself(t *testing.T) {
	t.Parallel()
	events := chain(5)
	want := headOfChain(events, false)
	for _, format := range formats {
		for _, noted := range []*Noted{nil, note(events[0]), note(events[2]), note(events[4])} {
			got, err := Verify(strings.NewReader(file(t, format, want, events...)), noted)
			if diff := cmp.Diff(want, got); err != nil || diff != "" {
				t.Errorf("%s with %v noted: %v %s", format, noted, err, diff)
			}
		}
	}
}

// spoilings are what somebody could do to the five events of an export, and the sentence that finds it.
var spoilings = []struct {
	name  string
	spoil func(events []identity.AuditEvent, head *Head) []identity.AuditEvent
	want  string
}{
	{"an event is changed", func(e []identity.AuditEvent, _ *Head) []identity.AuditEvent { e[2].Action = "X"; return e }, "audit event 3: was changed"},
	{"an event is taken out", func(e []identity.AuditEvent, h *Head) []identity.AuditEvent {
		h.Events--
		return append(e[:2], e[3:]...)
	}, "audit event 3: missing; the next one is 4"},
	{"the first is taken out", func(e []identity.AuditEvent, h *Head) []identity.AuditEvent { h.Events--; return e[1:] }, "audit event 1: missing; the next one is 2"},
	{"the end is cut off", func(e []identity.AuditEvent, h *Head) []identity.AuditEvent { h.Events--; return e[:4] }, "audit event 5: missing at the end"},
	{"all are cut off", func([]identity.AuditEvent, *Head) []identity.AuditEvent { return nil }, "the file has 0 events, and 5 were exported"},
	{"an event stands twice", func(e []identity.AuditEvent, _ *Head) []identity.AuditEvent { return append(e[:2], e[1:]...) }, "audit event 3: missing; the next one is 2"},
	{"two change places", func(e []identity.AuditEvent, _ *Head) []identity.AuditEvent { e[1], e[2] = e[2], e[1]; return e }, "audit event 2: missing; the next one is 3"},
	{"the count is another", func(e []identity.AuditEvent, h *Head) []identity.AuditEvent { h.Events++; return e }, "the file has 5 events, and 6 were exported"},
	{"the head is earlier", func(e []identity.AuditEvent, h *Head) []identity.AuditEvent { h.Sequence = 4; return e }, "audit event 5: stands behind the head"},
	{"the head's hash is another", func(e []identity.AuditEvent, h *Head) []identity.AuditEvent { h.Hash = e[0].Hash; return e }, "audit event 5: is not the head's"},
	{"the head is another organisation's", func(e []identity.AuditEvent, h *Head) []identity.AuditEvent { h.Organisation = "org_2"; return e }, "the head belongs to another organisation"},
	{"the last is exchanged for one that fits", func(e []identity.AuditEvent, _ *Head) []identity.AuditEvent {
		e[4].Actor = "usr_2"
		e[4] = e[4].Link(5, e[3].Hash)
		return e
	}, "audit event 5: is not the head's"},
}

func TestASpoiledExportNamesTheFirstBadLink(t *testing.T) {
	t.Parallel()
	for _, row := range spoilings {
		for _, format := range formats {
			events := chain(5)
			head := headOfChain(events, false)
			events = row.spoil(events, &head)
			_, err := Verify(strings.NewReader(file(t, format, head, events...)), nil)
			if err == nil || err.Error() != row.want {
				t.Errorf("%s as %s: %v, want %s", row.name, format, err, row.want)
			}
		}
	}
}

func TestAFileThatIsCutOffAnywhereDoesNotVerify(t *testing.T) {
	t.Parallel()
	events := chain(3)
	for _, format := range formats {
		text := file(t, format, headOfChain(events, false), events...)
		for length := range len(text) - 1 { // without its last line break it says all the same
			if _, err := Verify(strings.NewReader(text[:length]), nil); err == nil {
				t.Errorf("%s: the first %d of %d bytes verify", format, length, len(text))
			}
		}
		for _, more := range []string{text, strings.Split(text, "\n")[1] + "\n"} {
			if _, err := Verify(strings.NewReader(text+more), nil); err == nil {
				t.Errorf("%s: it verifies with something behind its head", format)
			}
		}
	}
}

func TestANotedHeadFindsAChainThatWasWrittenAnew(t *testing.T) {
	t.Parallel()
	noted := chain(5)
	anew := chain(5)
	anew[1].Actor = "usr_2"
	previous := anew[0].Hash
	for i := 1; i < len(anew); i++ {
		anew[i] = anew[i].Link(anew[i].Sequence, previous)
		previous = anew[i].Hash
	}
	for _, format := range formats {
		text := file(t, format, headOfChain(anew, false), anew...)
		if _, err := Verify(strings.NewReader(text), nil); err != nil {
			t.Fatalf("by itself it fits: %v", err)
		}
		var fault *identity.ChainFault
		if _, err := Verify(strings.NewReader(text), note(noted[3])); !errors.As(err, &fault) || fault.Sequence != 4 {
			t.Errorf("%s: %v", format, err)
		}
		shorter := file(t, format, headOfChain(noted[:3], false), noted[:3]...)
		if _, err := Verify(strings.NewReader(shorter), note(noted[3])); !errors.As(err, &fault) || fault.Sequence != 4 {
			t.Errorf("%s, cut off with its head: %v", format, err)
		}
	}
}

func TestAFilteredExportIsCheckedAsFarAsItCanBe(t *testing.T) {
	t.Parallel()
	for _, format := range formats {
		events := chain(6)
		head := headOfChain(events, true)
		some := []identity.AuditEvent{events[1], events[3], events[4]}
		head.Events = 3
		text := file(t, format, head, some...)
		if got, err := Verify(strings.NewReader(text), note(events[3])); err != nil || !got.Filtered {
			t.Errorf("%s: %+v %v", format, got, err)
		}
		if _, err := Verify(strings.NewReader(text), note(events[5])); err != nil {
			t.Errorf("%s with its own head noted: %v", format, err)
		}
		if _, err := Verify(strings.NewReader(text), note(events[2])); err == nil || !strings.Contains(err.Error(), "left out of this filtered export") {
			t.Errorf("%s with a head noted that it doesn't have: %v", format, err)
		}
		none := head
		none.Events = 0
		if _, err := Verify(strings.NewReader(file(t, format, none)), nil); err != nil {
			t.Errorf("%s without an event: %v", format, err)
		}
		for i := range some {
			changed := append([]identity.AuditEvent{}, some...)
			changed[i].Actor = "usr_2"
			if _, err := Verify(strings.NewReader(file(t, format, head, changed...)), nil); err == nil {
				t.Errorf("%s: event %d was changed, and it verifies", format, changed[i].Sequence)
			}
		}
	}
}

func TestNoCellIsAFormula(t *testing.T) {
	t.Parallel()
	events := chain(3)
	rows, err := csv.NewReader(strings.NewReader(file(t, CSV, headOfChain(events, false), events...))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if cell := rows[2][7]; cell != `'=HYPERLINK("http://evil.test")` {
		t.Errorf("the target is written as %s", cell)
	}
	for _, first := range "=+-@\t\r\n'" {
		cell := tame(string(first) + "1")
		if cell[0] != '\'' || untame(cell) != string(first)+"1" {
			t.Errorf("%q is written as %q", string(first)+"1", cell)
		}
	}
}

func TestWhatMeansTheSameButIsWrittenOtherwiseIsRefused(t *testing.T) {
	t.Parallel()
	events := chain(2)
	text := file(t, JSONLines, headOfChain(events, false), events...)
	for _, change := range [][2]string{
		{`"action":"SIGNED_IN"`, `"action":"USER_REMOVED","action":"SIGNED_IN"`},
		{`"action"`, `"Action"`},
		{`"id"`, `"note":"x","id"`},
		{`"details":{`, `"details":{"strength":"X",`},
		{`{"sequence":1`, `{"sequence":1.0`},
		{`12:00:00.123456Z`, `14:00:00.123456+02:00`},
		{`"hash"`, ` "hash"`},
		{`"filtered":false`, `"filtered":false,"filtered":false`},
		{`"actorId":null`, `"actorId":""`},
	} {
		changed := strings.Replace(text, change[0], change[1], 1)
		if _, err := Verify(strings.NewReader(changed), nil); err == nil || changed == text {
			t.Errorf("with %s for %s it verifies", change[1], change[0])
		}
	}
}

func TestASpreadsheetMayQuoteInAnotherWay(t *testing.T) {
	t.Parallel()
	events := chain(3)
	text := file(t, CSV, headOfChain(events, false), events...)
	again := byteOrder + strings.ReplaceAll(strings.Replace(text, "evt_0", `"evt_0"`, 1), "\n", "\r\n")
	again = strings.ReplaceAll(again, "=1+1,\r\n", "=1+1,\n")
	if _, err := Verify(strings.NewReader(again), nil); err != nil {
		t.Error(err)
	}
}

func TestANotedHeadIsReadAsItIsWritten(t *testing.T) {
	t.Parallel()
	noted := note(chain(3)[2])
	if got, err := ParseNoted(noted.String()); err != nil || got.String() != noted.String() {
		t.Errorf("%v %v", got, err)
	}
	for _, wrong := range []string{"", "3", "3:", "3:abc", ":" + strings.Repeat("0", 64), "0:" + strings.Repeat("0", 64), "-1:" + strings.Repeat("0", 64)} {
		if _, err := ParseNoted(wrong); err == nil {
			t.Errorf("%q is read", wrong)
		}
	}
}

// Whatever is in a file, it is refused or it is what the writer writes of it.
func FuzzVerify(f *testing.F) {
	events := chain(3)
	for _, format := range formats {
		f.Add(file(f, format, headOfChain(events, false), events...))
		f.Add(file(f, format, headOfChain(events, true), events...))
	}
	f.Add(`{"head":{}}`)
	f.Fuzz(func(t *testing.T, text string) {
		head, err := Verify(strings.NewReader(text), nil)
		if err != nil || !strings.HasPrefix(text, "{") {
			return
		}
		var kept []identity.AuditEvent
		for item, err := range read(strings.NewReader(text)) {
			if err != nil {
				t.Fatal(err)
			}
			if item.event != nil {
				kept = append(kept, *item.event)
			}
		}
		if again := file(t, JSONLines, head, kept...); strings.TrimSuffix(strings.ReplaceAll(text, "\r\n", "\n"), "\n") != strings.TrimSuffix(again, "\n") {
			t.Errorf("it verifies, and isn't what is written:\n%q\n%q", text, again)
		}
	})
}
