package secret

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"
	"time"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// The floor for production: OWASP's first choice of argon2id parameters.
const (
	FloorMemory      = 19456 // KiB, 19 MiB
	FloorTime        = 2
	FloorParallelism = 1
)

const (
	defaultQueue = 256
	saltSize     = 16
	keySize      = 32
)

// ErrBusy says that as many hashes are waiting as may wait: try again in a
// moment. It comes at once, before any work.
var ErrBusy = errors.New("too many passwords are being checked at this moment")

// HasherOptions sets what a hash costs and how many run at once. The zero
// value of a field means its default.
type HasherOptions struct {
	Memory      uint32 // KiB; FloorMemory
	Time        uint32 // passes; FloorTime
	Parallelism uint8  // lanes; FloorParallelism

	// Concurrency is how many hashes run at once; GOMAXPROCS by default, for
	// more than that only costs memory.
	Concurrency int
	// Queue is how many more may wait for their turn; 256 by default. One past
	// it gets ErrBusy.
	Queue int
	// Random yields the salts; crypto/rand.Reader by default. It need not be
	// safe for concurrent use.
	Random io.Reader
	// Waited is told how long each hash waited for its turn; nil: nobody is.
	Waited func(time.Duration)
}

// InsecureFastForTests makes hashes that cost microseconds and protect
// nothing. Validate refuses it.
func InsecureFastForTests() HasherOptions {
	return HasherOptions{Memory: 8, Time: 1, Parallelism: 1}
}

// Validate tells everything that keeps these options from production: costs
// below the floor or above what Verify accepts, negative counts. NewHasher
// does not call it; configuration does.
func (o HasherOptions) Validate() error {
	o = o.withDefaults()
	return errors.Join(
		within("argon2id memory in KiB", int(o.Memory), FloorMemory, maxMemory),
		within("argon2id passes", int(o.Time), FloorTime, maxTime),
		within("argon2id lanes", int(o.Parallelism), FloorParallelism, maxParallelism),
		within("password hashes at once", o.Concurrency, 1, 1024),
		within("password hashes waiting", o.Queue, 1, 1<<20),
	)
}

func within(what string, n, low, high int) error {
	if n < low || n > high {
		return fmt.Errorf("%s: %d is not between %d and %d", what, n, low, high)
	}
	return nil
}

func (o HasherOptions) withDefaults() HasherOptions {
	o.Memory = orDefault(o.Memory, FloorMemory)
	o.Time = orDefault(o.Time, FloorTime)
	o.Parallelism = orDefault(o.Parallelism, FloorParallelism)
	o.Concurrency = orDefault(o.Concurrency, runtime.GOMAXPROCS(0))
	o.Queue = orDefault(o.Queue, defaultQueue)
	if o.Random == nil {
		o.Random = rand.Reader
	}
	return o
}

func orDefault[N comparable](n, byDefault N) N {
	var zero N
	if n == zero {
		return byDefault
	}
	return n
}

// Hasher hashes and verifies passwords with argon2id (RFC 9106). It is safe
// for concurrent use, and one per process: the bound on hashes at once is the
// bound on memory.
type Hasher struct {
	cost     cost
	waited   func(time.Duration)
	admitted chan struct{} // running or waiting
	running  chan struct{}

	mu     sync.Mutex // guards random
	random io.Reader
}

// NewHasher makes a Hasher. Options that Validate refuses are taken as they
// are, except that negative counts become one.
func NewHasher(o HasherOptions) *Hasher {
	o = o.withDefaults()
	concurrency, queue := max(o.Concurrency, 1), max(o.Queue, 1)
	return &Hasher{
		cost:     cost{memory: o.Memory, time: o.Time, parallelism: o.Parallelism},
		admitted: make(chan struct{}, concurrency+queue),
		running:  make(chan struct{}, concurrency),
		random:   o.Random,
		waited:   o.Waited,
	}
}

// Hash answers the PHC string of a password, with a fresh salt. The password
// is brought to Unicode NFC first (NIST SP 800-63B-4 §3.1.1.2), so that it
// matches from every keyboard. It waits its turn: ErrBusy where the queue is
// full, the context's error where that ends first.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	salt, err := h.salt()
	if err != nil {
		return "", fmt.Errorf("hash password: %w", err)
	}
	p := phc{cost: h.cost, salt: salt}
	if p.key, err = h.derive(ctx, password, p, keySize); err != nil {
		return "", fmt.Errorf("hash password: %w", err)
	}
	return p.encode(), nil
}

// Load is how many hashes are being made, and how many wait for their turn, at this moment.
func (h *Hasher) Load() (running, waiting int) {
	running = len(h.running)
	return running, max(len(h.admitted)-running, 0)
}

// Verdict is what Verify found.
type Verdict struct {
	Match bool
	// NeedsRehash is set on a match whose hash was made at another cost than
	// this Hasher's: now that the password is at hand, store a new one.
	NeedsRehash bool
}

// Verify compares a password with a stored hash. An empty phc stands for "no
// such user" or "no password": it costs the same time as a hash of today's
// cost and never matches. A hash that cannot be read is an error, not a
// mismatch. It waits its turn as Hash does.
func (h *Hasher) Verify(ctx context.Context, password, phc string) (Verdict, error) {
	if phc == "" {
		return Verdict{}, h.pretend(ctx, password)
	}
	p, err := parsePHC(phc)
	if err != nil {
		return Verdict{}, fmt.Errorf("read stored password: %w", err)
	}
	key, err := h.derive(ctx, password, p, uint32(len(p.key)))
	if err != nil {
		return Verdict{}, fmt.Errorf("verify password: %w", err)
	}
	match := subtle.ConstantTimeCompare(key, p.key) == 1
	stale := p.cost != h.cost || len(p.salt) < saltSize || len(p.key) != keySize
	return Verdict{Match: match, NeedsRehash: match && stale}, nil
}

// pretend does the work of a Verify that cannot match.
func (h *Hasher) pretend(ctx context.Context, password string) error {
	if _, err := h.derive(ctx, password, phc{cost: h.cost, salt: make([]byte, saltSize)}, keySize); err != nil {
		return fmt.Errorf("verify password: %w", err)
	}
	return nil
}

// derive runs argon2id when it is this caller's turn.
func (h *Hasher) derive(ctx context.Context, password string, p phc, size uint32) ([]byte, error) {
	select {
	case h.admitted <- struct{}{}:
		defer func() { <-h.admitted }()
	default:
		return nil, ErrBusy
	}
	came := time.Now()
	select {
	case h.running <- struct{}{}:
		defer func() { <-h.running }()
		if h.waited != nil {
			h.waited(time.Since(came))
		}
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	// Where both were ready select may pick either; work nobody waits for is not done.
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	normal := norm.NFC.Bytes([]byte(password))
	return argon2.IDKey(normal, p.salt, p.time, p.memory, p.parallelism, size), nil
}

func (h *Hasher) salt() ([]byte, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	salt := make([]byte, saltSize)
	if _, err := io.ReadFull(h.random, salt); err != nil {
		return nil, fmt.Errorf("read randomness: %w", err)
	}
	return salt, nil
}
