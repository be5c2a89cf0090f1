package identity

import (
	"encoding/hex"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// sealedEvent is an event with facts; what is sealed is for others to make.
func sealedEvent(facts AuditFacts) AuditEvent {
	e := undoing()
	e.KeyID, e.SealedFacts, e.FactsHash, e.Facts = "key_1", []byte("sealed"), facts.Hash(), &facts
	return e
}

func someFacts() AuditFacts {
	kees := "kees"
	facts := Client{IPAddress: "192.0.2.1", UserAgent: "Firefox <\"é\">"}.Facts().WithEmail("", "kees@tvm.test").
		WithContact(PhoneContact, "+31612345678", "+31687654321").WithNames(User{DisplayName: "Kees", Username: &kees}, User{DisplayName: "Cornelis"})
	facts.Salt, facts.User = strings.Repeat("0f", 32), "usr_1"
	return facts
}

// Customers hold exports with these hashes; see TestTheHashOfAnEventIsWhatItAlwaysWas.
func TestTheHashOfAnEventWithFactsIsWhatItAlwaysWas(t *testing.T) {
	t.Parallel()
	facts := someFacts()
	const text = `{"salt":"0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f","userId":"usr_1","clientAddress":"192.0.2.1",` +
		`"userAgent":"Firefox \u003c\"é\"\u003e","emailAfter":"kees@tvm.test","phoneBefore":"+31 6 •••• ••78","phoneAfter":"+31 6 •••• ••21",` +
		`"displayNameBefore":"Kees","displayNameAfter":"Cornelis","usernameBefore":"kees"}`
	if got := string(facts.Text()); got != text {
		t.Errorf("the facts are written\n%s\nwant\n%s", got, text)
	}
	got := map[string]string{
		"facts": hex.EncodeToString(facts.Hash()), "event": hex.EncodeToString(sealedEvent(facts).Link(1, ChainStart()).Hash),
	}
	want := map[string]string{
		"facts": "b5728c0d683756e7c220e761dc53a4344c53ffadc87f9925065b22b9bb6c4021",
		"event": "9a41bc950ad93a4a96580d171594740413d83fd79ac3f7146848c3f0632f35ff",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAnyChangeOfSealedOrOpenFactsBreaksTheChain(t *testing.T) {
	t.Parallel()
	agent := "Chrome"
	for name, row := range map[string]struct {
		change func(*AuditEvent)
		why    string
	}{
		"another key":        {func(e *AuditEvent) { e.KeyID = "key_2" }, "was changed"},
		"other sealed facts": {func(e *AuditEvent) { e.SealedFacts = []byte("Sealed") }, "was changed"},
		"another facts hash": {func(e *AuditEvent) { e.FactsHash = slices.Concat(e.FactsHash[1:], []byte{1}) }, "was changed"},
		"nothing sealed":     {func(e *AuditEvent) { e.KeyID, e.SealedFacts, e.FactsHash = "", nil, nil }, "was changed"},
		"other facts":        {func(e *AuditEvent) { e.Facts.UserAgent = &agent }, "tells facts that are not those that were recorded"},
		"facts left out":     {func(e *AuditEvent) { e.Facts.ClientAddress = nil }, "tells facts that are not those that were recorded"},
		"another user":       {func(e *AuditEvent) { e.Facts.User = "usr_2" }, "tells facts that are not those that were recorded"},
	} {
		e := sealedEvent(someFacts()).Link(1, ChainStart())
		row.change(&e)
		var fault *ChainFault
		if err := e.VerifyAlone(); !errors.As(err, &fault) || fault.Why != row.why {
			t.Errorf("%s: %v, want it to say that it %s", name, err, row.why)
		}
	}
	invented := undoing().Link(1, ChainStart())
	facts := someFacts()
	invented.Facts = &facts
	if invented.VerifyAlone() == nil {
		t.Error("facts can be told of an event that had none")
	}
}

func TestAnEventVerifiesWithItsFactsAndWithoutThem(t *testing.T) {
	t.Parallel()
	e := sealedEvent(someFacts()).Link(1, ChainStart())
	if err := e.VerifyAlone(); err != nil {
		t.Error(err)
	}
	e.Facts, e.FactsErased = nil, true
	if err := e.VerifyAlone(); err != nil {
		t.Errorf("once they are erased: %v", err)
	}
}

func TestFactsAreReadAsTheyWereWritten(t *testing.T) {
	t.Parallel()
	read, err := ReadAuditFacts(someFacts().Text())
	if diff := cmp.Diff(someFacts(), read); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
	odd := Client{UserAgent: "a\xffb"}.Facts()
	if read, err := ReadAuditFacts(odd.Text()); err != nil || !slices.Equal(read.Hash(), odd.Hash()) {
		t.Errorf("what isn't UTF-8 is hashed as %s and read as %s (%v)", odd.Text(), read.Text(), err)
	}
}

func TestOnlyWhatChangedIsAFact(t *testing.T) {
	t.Parallel()
	kees := "kees"
	same := User{DisplayName: "Kees", Username: &kees, Email: "kees@tvm.test"}
	for name, row := range map[string]struct {
		facts AuditFacts
		want  []string
	}{
		"nothing":         {AuditFacts{Salt: "s", User: "usr_1"}, nil},
		"the same names":  {AuditFacts{}.WithNames(same, same), nil},
		"a job's client":  {Client{}.Facts(), nil},
		"somebody new":    {Introduced(same), []string{"EmailAfter", "DisplayNameAfter", "UsernameAfter"}},
		"a new name":      {AuditFacts{}.WithNames(same, User{DisplayName: "K", Username: &kees}), []string{"DisplayNameBefore", "DisplayNameAfter"}},
		"a first address": {AuditFacts{}.WithContact(EmailContact, "", "kees@tvm.test"), []string{"EmailAfter"}},
		"a first number":  {AuditFacts{}.WithContact(PhoneContact, "", "+31612345678"), []string{"PhoneAfter"}},
		"a browser":       {Client{IPAddress: "::1", UserAgent: "x"}.Facts(), []string{"ClientAddress", "UserAgent"}},
	} {
		var told []string
		value := reflect.ValueOf(row.facts)
		for i := range value.NumField() {
			if field := value.Field(i); field.Kind() == reflect.Pointer && !field.IsNil() {
				told = append(told, value.Type().Field(i).Name)
			}
		}
		if !slices.Equal(told, row.want) || row.facts.IsEmpty() != (row.want == nil) {
			t.Errorf("%s: %v (empty: %t), want %v", name, told, row.facts.IsEmpty(), row.want)
		}
	}
}

func TestAMonthIsOfTheCalendarInUTC(t *testing.T) {
	t.Parallel()
	amsterdam := time.FixedZone("CEST", 2*3600)
	for at, want := range map[time.Time]string{
		time.Date(2025, 7, 1, 1, 59, 59, 0, amsterdam): "2025-06", time.Date(2025, 7, 1, 2, 0, 0, 0, amsterdam): "2025-07",
		time.Date(2025, 12, 31, 23, 59, 59, 0, time.UTC): "2025-12",
	} {
		if got := AuditMonth(at); got != want {
			t.Errorf("%s is in %s, want %s", at, got, want)
		}
	}
}
