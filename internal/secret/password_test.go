package secret

import (
	"bytes"
	"context"
	"errors"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"testing/synctest"

	"pgregory.net/rapid"
)

func fastHasher() *Hasher { return NewHasher(InsecureFastForTests()) }

func TestTheReferenceHashesVerify(t *testing.T) {
	t.Parallel()
	h := fastHasher()
	for _, c := range []struct{ password, hash string }{
		{"password", referenceHash},
		{"password", "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc"},
		{"password", "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"},
		{"differentpassword", "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$C4TWUs9rDEvq7w3+J4umqA32aWKB1+DSiRuBfYxFj94"},
	} {
		got, err := h.Verify(t.Context(), c.password, c.hash)
		if err != nil || !got.Match || !got.NeedsRehash {
			t.Errorf("%s: %+v %v", c.hash, got, err)
		}
	}
}

func TestAPasswordMatchesItsHashAndNoOther(t *testing.T) {
	t.Parallel()
	h := fastHasher()
	rapid.Check(t, func(t *rapid.T) {
		password, other := rapid.String().Draw(t, "password"), rapid.String().Draw(t, "other")
		hash := must(h.Hash(context.Background(), password))
		if got := must(h.Verify(context.Background(), password, hash)); got != (Verdict{Match: true}) {
			t.Fatalf("its own: %+v", got)
		}
		if got := must(h.Verify(context.Background(), other+password+"x", hash)); got.Match {
			t.Fatal("another matches")
		}
	})
}

func TestAPasswordMatchesFromEveryKeyboard(t *testing.T) {
	t.Parallel()
	h := fastHasher()
	hash := must(h.Hash(t.Context(), "Zo\u00eb\u2126"))
	if got := must(h.Verify(t.Context(), "Zoe\u0308\u03a9", hash)); !got.Match {
		t.Error("the decomposed form does not match the composed one")
	}
	if got := must(h.Verify(t.Context(), "Zoe\u2126", hash)); got.Match {
		t.Error("an accent makes no difference")
	}
	if got := must(h.Verify(t.Context(), "ﬁ", must(h.Hash(t.Context(), "fi")))); got.Match {
		t.Error("a ligature makes no difference")
	}
}

func TestEveryHashHasItsOwnSalt(t *testing.T) {
	t.Parallel()
	h := fastHasher()
	if must(h.Hash(t.Context(), "the same")) == must(h.Hash(t.Context(), "the same")) {
		t.Error("two hashes of one password are equal")
	}
	o := InsecureFastForTests()
	o.Random = bytes.NewReader([]byte("sixteen bytes ok"))
	if got := must(NewHasher(o).Hash(t.Context(), "x")); !strings.Contains(got, "$c2l4dGVlbiBieXRlcyBvaw$") {
		t.Errorf("the salt is not from Random: %s", got)
	}
	o.Random = iotest.ErrReader(errors.New("broken"))
	if _, err := NewHasher(o).Hash(t.Context(), "x"); err == nil {
		t.Error("a hash without a salt")
	}
}

func TestAHashOfAnotherCostIsMadeAnewOnAMatchOnly(t *testing.T) {
	t.Parallel()
	old := must(fastHasher().Hash(t.Context(), "right"))
	for name, o := range map[string]HasherOptions{
		"memory": {Memory: 16, Time: 1, Parallelism: 1},
		"passes": {Memory: 8, Time: 2, Parallelism: 1},
		"lanes":  {Memory: 16, Time: 1, Parallelism: 2},
	} {
		h := NewHasher(o)
		if got := must(h.Verify(t.Context(), "right", old)); got != (Verdict{Match: true, NeedsRehash: true}) {
			t.Errorf("%s: %+v", name, got)
		}
		if got := must(h.Verify(t.Context(), "wrong", old)); got != (Verdict{}) {
			t.Errorf("%s, wrong password: %+v", name, got)
		}
	}
}

func TestNoUserNeverMatches(t *testing.T) {
	t.Parallel()
	h := fastHasher()
	for _, password := range []string{"", "anything"} {
		if got, err := h.Verify(t.Context(), password, ""); err != nil || got != (Verdict{}) {
			t.Errorf("%+v %v", got, err)
		}
	}
}

// Not parallel: it reads what the whole process allocates, which is where the
// work of argon2id shows without a clock.
func TestNoUserCostsWhatAUserCosts(t *testing.T) {
	h := NewHasher(HasherOptions{Memory: 4096, Time: 1})
	hash := must(h.Hash(t.Context(), "right"))
	allocated := func(phc string) uint64 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_ = must(h.Verify(t.Context(), "wrong", phc))
		runtime.ReadMemStats(&after)
		return (after.TotalAlloc - before.TotalAlloc) >> 20
	}
	if known, unknown := allocated(hash), allocated(""); known != 4 || unknown != known {
		t.Errorf("known: %d MiB, unknown: %d MiB", known, unknown)
	}
}

func TestAHashThatCannotBeReadIsAFault(t *testing.T) {
	t.Parallel()
	_, err := fastHasher().Verify(t.Context(), "right", "$argon2id$v=19$corrupt")
	if err == nil || strings.Contains(err.Error(), "corrupt") {
		t.Errorf("got %v", err)
	}
}

func TestAHashWaitsItsTurnAndPastTheQueueIsRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := InsecureFastForTests()
		o.Concurrency, o.Queue = 2, 3
		h := NewHasher(o)
		h.occupy(2)
		results := make(chan error, 3)
		for range 3 {
			go func() {
				_, err := h.Hash(t.Context(), "waits")
				results <- err
			}()
		}
		synctest.Wait()
		if _, err := h.Hash(t.Context(), "one too many"); !errors.Is(err, ErrBusy) {
			t.Errorf("past the queue: %v", err)
		}
		if _, err := h.Verify(t.Context(), "one too many", ""); !errors.Is(err, ErrBusy) {
			t.Errorf("past the queue, no user: %v", err)
		}
		if len(results) != 0 {
			t.Error("a hash ran out of turn")
		}
		h.leave(2)
		for range 3 {
			if err := <-results; err != nil {
				t.Errorf("after waiting: %v", err)
			}
		}
		if _, err := h.Hash(t.Context(), "room again"); err != nil {
			t.Errorf("after all left: %v", err)
		}
	})
}

func TestWaitingEndsWithTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := InsecureFastForTests()
		o.Concurrency, o.Queue = 1, 1
		h := NewHasher(o)
		h.occupy(1)
		ctx, cancel := context.WithCancel(t.Context())
		gone := make(chan error)
		go func() {
			_, err := h.Verify(ctx, "waits", referenceHash)
			gone <- err
		}()
		synctest.Wait()
		cancel()
		if err := <-gone; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		h.leave(1)
		if _, err := h.Hash(t.Context(), "its place is free"); err != nil {
			t.Errorf("got %v", err)
		}
		for range 20 { // select must not pick the free place at random
			if _, err := h.Hash(ctx, "nobody waits for this"); !errors.Is(err, context.Canceled) {
				t.Errorf("with a context that ended: %v", err)
			}
		}
	})
}

// occupy takes the places of n running hashes.
func (h *Hasher) occupy(n int) {
	for range n {
		h.admitted <- struct{}{}
		h.running <- struct{}{}
	}
}

func (h *Hasher) leave(n int) {
	for range n {
		<-h.running
		<-h.admitted
	}
}

func TestManyAtOnceAllGetTheirAnswer(t *testing.T) {
	t.Parallel()
	h := fastHasher()
	hash := must(h.Hash(t.Context(), "right"))
	var all sync.WaitGroup
	for range 64 {
		all.Go(func() {
			if got, err := h.Verify(t.Context(), "right", hash); err != nil || !got.Match {
				t.Errorf("%+v %v", got, err)
			}
		})
	}
	all.Wait()
}

func TestOnlyCostsFromTheFloorUpAreForProduction(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		o  HasherOptions
		ok bool
	}{
		"the defaults":           {HasherOptions{}, true},
		"the floor":              {HasherOptions{Memory: 19456, Time: 2, Parallelism: 1}, true},
		"the ceiling":            {HasherOptions{Memory: 262144, Time: 16, Parallelism: 16}, true},
		"memory below the floor": {HasherOptions{Memory: 19455}, false},
		"too much memory":        {HasherOptions{Memory: 262145}, false},
		"one pass":               {HasherOptions{Time: 1}, false},
		"too many passes":        {HasherOptions{Time: 17}, false},
		"too many lanes":         {HasherOptions{Parallelism: 17}, false},
		"negative concurrency":   {HasherOptions{Concurrency: -1}, false},
		"negative queue":         {HasherOptions{Queue: -1}, false},
		"fast, for tests":        {InsecureFastForTests(), false},
	} {
		if err := c.o.Validate(); (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
	err := HasherOptions{Memory: 1, Time: 1, Queue: -1}.Validate()
	if faults, ok := err.(interface{ Unwrap() []error }); !ok || len(faults.Unwrap()) != 3 {
		t.Errorf("not all faults at once: %v", err)
	}
}

func BenchmarkHashAtTheFloor(b *testing.B) {
	h := NewHasher(HasherOptions{})
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := h.Hash(context.Background(), "correct horse battery staple"); err != nil {
				b.Error(err)
			}
		}
	})
}
