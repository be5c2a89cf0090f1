package graph

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

func TestTheDocumentCacheIsBoundedByNumber(t *testing.T) {
	t.Parallel()
	d := newDocuments(newTestExecutable().schema, defaultLimits())
	for i := range documentCount + 50 {
		if _, errs := d.get(fmt.Sprintf("{ a%d: __typename }", i)); errs != nil {
			t.Fatal(errs)
		}
	}
	if got := d.cache.Len(); got != documentCount {
		t.Errorf("%d documents are kept, want %d", got, documentCount)
	}
}

func TestTheDocumentCacheIsBoundedByMemory(t *testing.T) {
	t.Parallel()
	d := newDocuments(newTestExecutable().schema, defaultLimits())
	for i := range 300 {
		query := fmt.Sprintf("query Q%d { viewer { %s} }", i, many("id", 300))
		if _, errs := d.get(query); errs != nil {
			t.Fatal(errs)
		}
	}
	total := 0
	for _, kept := range d.cache.Values() {
		total += kept.bytes
	}
	if total != d.bytes || total > documentBytes || d.cache.Len() == 300 || d.cache.Len() < 10 {
		t.Errorf("%d documents of %d bytes are kept and counted as %d, of at most %d", d.cache.Len(), total, d.bytes, documentBytes)
	}
}

func TestAHugeDocumentIsExecutedAndNotKept(t *testing.T) {
	t.Parallel()
	d := newDocuments(newTestExecutable().schema, defaultLimits())
	query := "#" + strings.Repeat("x", documentBytes/documentShare) + "\n{ __typename }"
	if _, errs := d.get(query); errs != nil {
		t.Fatal(errs)
	}
	if d.cache.Len() != 0 {
		t.Error("the document is kept")
	}
}

func TestARefusedDocumentIsNotKept(t *testing.T) {
	t.Parallel()
	d := newDocuments(newTestExecutable().schema, defaultLimits())
	if _, errs := d.get("{ nothing }"); errs == nil || d.cache.Len() != 0 {
		t.Errorf("errors %v, %d documents kept", errs, d.cache.Len())
	}
}

func TestTheDocumentCacheIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	d := newDocuments(newTestExecutable().schema, defaultLimits())
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for i := range 200 {
				doc, errs := d.get(fmt.Sprintf("query Q($n: Int) { users(first: $n) { a%d: totalCount } }", i%20))
				if errs == nil {
					d.price(doc.Operations[0], map[string]any{"n": int64(i)})
				}
			}
		})
	}
	group.Wait()
	if d.cache.Len() != 20 {
		t.Errorf("%d documents are kept, want 20", d.cache.Len())
	}
	total := 0
	for _, kept := range d.cache.Values() {
		total += kept.bytes
	}
	if total != d.bytes {
		t.Errorf("%d bytes are counted, want %d", d.bytes, total)
	}
}
