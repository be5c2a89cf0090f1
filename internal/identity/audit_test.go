package identity

import (
	"encoding/hex"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func undoing() AuditEvent {
	return AuditEvent{
		ID: "evt_1", Portal: "tvm", Organisation: "org_1", At: noon.Add(123456 * time.Microsecond), Action: TwoFactorDeactivated,
		Actor: "usr_1", Target: "org_1", Details: map[string]string{"ticket": "T-1", "reason": "<één> & \"ander\""},
	}
}

// chain links some events of an organisation.
func chain(length int) []AuditEvent {
	events := make([]AuditEvent, length)
	previous := ChainStart()
	for i := range events {
		e := undoing()
		e.ID, e.At = ID("evt_"+string(rune('a'+i))), noon.Add(time.Duration(i)*time.Second)
		events[i] = e.Link(int64(i+1), previous)
		previous = events[i].Hash
	}
	return events
}

func verify(events []AuditEvent) error {
	var before *AuditEvent
	for i := range events {
		if err := VerifyNext(before, events[i]); err != nil {
			return err
		}
		before = &events[i]
	}
	return nil
}

// Customers hold exports with these hashes: a change of the format breaks every chain there is. They were worked out by
// another program, in another language, from what digest promises.
func TestTheHashOfAnEventIsWhatItAlwaysWas(t *testing.T) {
	t.Parallel()
	first := undoing().Link(1, ChainStart())
	second := AuditEvent{ID: "evt_2", Portal: "tvm", Organisation: "org_1", At: noon, Action: SignedOut}.Link(2, first.Hash)
	for want, event := range map[string]AuditEvent{
		"2cf0229b9a225485f17cbaf7500c6570aee7e150a2e1c368f0d1fb240cfe016b": first,
		"1375f894c7aac1da186a520fe2f91297ccd583ac12a93d0c6f6277a14d63d87b": second,
	} {
		if got := hex.EncodeToString(event.Hash); got != want {
			t.Errorf("event %d: %s, want %s", event.Sequence, got, want)
		}
	}
}

func TestAnUntouchedChainHolds(t *testing.T) {
	t.Parallel()
	for length := range 5 {
		if err := verify(chain(length)); err != nil {
			t.Errorf("%d events: %v", length, err)
		}
	}
}

func TestAnyChangeOfAnyFieldBreaksTheChain(t *testing.T) {
	t.Parallel()
	for field, change := range map[string]func(*AuditEvent){
		"id":             func(e *AuditEvent) { e.ID = "evt_x" },
		"portal":         func(e *AuditEvent) { e.Portal = "avero" },
		"organisation":   func(e *AuditEvent) { e.Organisation = "org_2" },
		"sequence":       func(e *AuditEvent) { e.Sequence++ },
		"instant":        func(e *AuditEvent) { e.At = e.At.Add(tick) },
		"action":         func(e *AuditEvent) { e.Action = SignedIn },
		"actor":          func(e *AuditEvent) { e.Actor = "" },
		"target":         func(e *AuditEvent) { e.Target = "org_2" },
		"actor, target":  func(e *AuditEvent) { e.Actor, e.Target = e.Target, e.Actor },
		"detail":         func(e *AuditEvent) { e.Details["ticket"] = "T-2" },
		"further detail": func(e *AuditEvent) { e.Details["approver"] = "usr_2" },
		"lost detail":    func(e *AuditEvent) { delete(e.Details, "reason") },
		"no details":     func(e *AuditEvent) { e.Details = nil },
		"previous hash":  func(e *AuditEvent) { e.PreviousHash = slices.Concat(e.PreviousHash[1:], []byte{1}) },
		"hash":           func(e *AuditEvent) { e.Hash = slices.Concat(e.Hash[1:], []byte{1}) },
		"no hash":        func(e *AuditEvent) { e.Hash = nil },
		"a new link":     func(e *AuditEvent) { e.Target = "org_2"; *e = e.Link(e.Sequence, e.PreviousHash) },
	} {
		for i := range 2 { // what follows an event holds it too, so the last could be linked anew; the end is told elsewhere
			events := chain(3)
			change(&events[i])
			var fault *ChainFault
			if err := verify(events); !errors.As(err, &fault) || fault.Sequence < int64(i+1) || fault.Sequence > int64(i+2) {
				t.Errorf("%s of event %d: %v", field, i+1, err)
			}
		}
	}
}

func TestEventsCannotGoMissingComeInOrChangePlaces(t *testing.T) {
	t.Parallel()
	other := chain(1)[0]
	other.Organisation = "org_2"
	other = other.Link(1, ChainStart())
	for _, row := range []struct {
		sentence string
		spoil    func([]AuditEvent) []AuditEvent
		want     string
	}{
		{"the first is missing", func(e []AuditEvent) []AuditEvent { return e[1:] }, "audit event 1: missing; the next one is 2"},
		{"one in the middle is missing", func(e []AuditEvent) []AuditEvent { return slices.Delete(e, 1, 2) }, "audit event 2: missing; the next one is 3"},
		{"two changed places", func(e []AuditEvent) []AuditEvent { e[1], e[2] = e[2], e[1]; return e }, "audit event 2: missing; the next one is 3"},
		{"one came twice", func(e []AuditEvent) []AuditEvent { return slices.Insert(e, 1, e[0]) }, "audit event 2: missing; the next one is 1"},
		{"another organisation's stands first", func(e []AuditEvent) []AuditEvent { e[0] = other; return e }, "audit event 2: does not follow the event before it"},
		{"another organisation's goes on with this chain", func(e []AuditEvent) []AuditEvent {
			e[2].Organisation = "org_2"
			e[2] = e[2].Link(3, e[1].Hash)
			return e
		}, "audit event 3: belongs to another organisation"},
		{"one was changed", func(e []AuditEvent) []AuditEvent { e[2].Actor = ""; return e }, "audit event 3: was changed"},
		{"one was renumbered over a gap", func(e []AuditEvent) []AuditEvent { e[2].Sequence = 2; return slices.Delete(e, 1, 2) }, "audit event 2: does not follow the event before it"},
	} {
		t.Run(row.sentence, func(t *testing.T) {
			t.Parallel()
			if err := verify(row.spoil(chain(4))); err == nil || err.Error() != row.want {
				t.Errorf("%v, want %s", err, row.want)
			}
		})
	}
}

func TestAnEventHashesTheSameWhereverItIsRead(t *testing.T) {
	t.Parallel()
	written := undoing().Link(7, ChainStart())
	read := written
	read.At = written.At.In(time.FixedZone("CET", 3600)).Add(999 * time.Nanosecond) // the database keeps microseconds
	if err := verify([]AuditEvent{read.Link(1, ChainStart())}); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(written.Hash, read.Link(7, ChainStart()).Hash); diff != "" {
		t.Error(diff)
	}
	without, empty := undoing(), undoing()
	without.Details, empty.Details = nil, map[string]string{}
	if diff := cmp.Diff(without.Link(1, nil).Hash, empty.Link(1, nil).Hash); diff != "" {
		t.Error(diff)
	}
}

func TestDifferentEventsHaveDifferentHashes(t *testing.T) {
	t.Parallel()
	text := rapid.StringOfN(rapid.RuneFrom([]rune(`a",[]{}:\0`)), 0, 4, -1)
	event := func(t *rapid.T, label string) AuditEvent {
		return AuditEvent{
			ID: ID(text.Draw(t, label+" id")), Actor: ID(text.Draw(t, label+" actor")), Target: ID(text.Draw(t, label+" target")),
			Details: map[string]string{text.Draw(t, label+" key"): text.Draw(t, label+" value")},
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		one, two := event(t, "one"), event(t, "two")
		same := cmp.Equal(one, two)
		if got := cmp.Equal(one.Link(1, nil).Hash, two.Link(1, nil).Hash); got != same {
			t.Errorf("%+v and %+v hash alike: %t", one, two, got)
		}
	})
}
