package app_test

import (
	"errors"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/secret"
	"github.com/sleutelbos/sleutelbos/internal/store"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

func TestAnExportOfTenTimesTheEventsTakesNoMoreMemory(t *testing.T) { // not parallel: it measures
	for name, db := range map[string]testrig.Database{
		"SQLite": testrig.NewSQLite(t, testrig.NewClock()), "PostgreSQL": testrig.NewPostgres(t, testrig.NewClock()),
	} {
		a := newAudited(t, db)
		token := a.Token("tvm", identity.OrganisationsRead, identity.AuditRead)
		for _, ending := range []string{".jsonl", ".csv"} {
			a.exported(t, token, ending) // and what is only made once is there
		}
		a.fillWithFacts(t, 2_000)
		few := map[string]uint64{".jsonl": a.exported(t, token, ".jsonl"), ".csv": a.exported(t, token, ".csv")}
		a.fillWithFacts(t, 18_000)
		// 18,000 events take thirty megabytes as values, and more. What a batch takes is seen or not, by when it is looked.
		const more = 16 << 20
		for ending, before := range few {
			if after := a.exported(t, token, ending); after > before+more {
				t.Errorf("%s%s: %d bytes with 20,000 events and %d with 2,000", name, ending, after, before)
			} else {
				t.Logf("%s%s: %d bytes with 20,000 events and %d with 2,000", name, ending, after, before)
			}
		}
	}
}

// fillWithFacts adds events that tell of somebody to the audit log.
func (a audited) fillWithFacts(t *testing.T, count int) {
	t.Helper()
	keys := keyring(t, rig.Keys)
	facts := identity.Client{IPAddress: "192.0.2.1", UserAgent: strings.Repeat("Mozilla/5.0 ", 20)}.Facts()
	facts.Salt = strings.Repeat("0f", 32)
	err := a.Database.Within(t.Context(), a.organisation.Tenant(), func(s *store.Scope) error {
		organisation, err := s.Organisation(t.Context(), a.organisation.ID)
		kept, failed := s.AuditKey(t.Context(), identity.User{OrganisationID: organisation.ID, ID: organisation.MainUserID})
		if err := errors.Join(err, failed); err != nil {
			return err
		}
		key, err := keys.OpenAuditKey(kept.Sealed, string(kept.ID))
		for range count {
			s.Record(a.withFacts(key, kept.ID, facts))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (a audited) withFacts(key secret.AuditKey, id identity.ID, facts identity.AuditFacts) identity.AuditEvent {
	event := identity.AuditEvent{
		ID: "evt_1", Portal: a.organisation.Portal, Organisation: a.organisation.ID, Action: identity.SignedIn, KeyID: id, FactsHash: facts.Hash(),
	}
	event.SealedFacts = key.Seal(facts.Text(), event.FactsBoundTo())
	return event
}

// exported downloads the audit log as a slow reader does, and answers how many bytes more were in use on the way.
func (a audited) exported(t *testing.T, token, ending string) uint64 {
	t.Helper()
	runtime.GC() // with inUse's, what the filling left in pools is gone
	before := inUse()
	most := before
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, a.URL+"/portals/tvm/audit/"+string(a.organisation.ID)+ending, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := http.DefaultClient.Do(request)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%v %v", response, err)
	}
	defer func() { _ = response.Body.Close() }()
	for read := int64(1); read > 0; {
		if read, err = io.CopyN(io.Discard, response.Body, 128<<10); err != nil && !errors.Is(err, io.EOF) {
			t.Fatal(err)
		}
		most = max(most, inUse())
	}
	return most - before
}

// inUse is how many bytes this process holds on to.
func inUse() uint64 {
	runtime.GC()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	return memory.HeapAlloc
}
