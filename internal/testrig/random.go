package testrig

import (
	"encoding/binary"
	"io"
	"math/rand/v2"
	"sync"
)

// Random makes dice that fall the same way whenever the seed is the same: ids and tokens of a test don't change from run
// to run. Safe for concurrent use.
func Random(seed uint64) io.Reader {
	var key [32]byte
	binary.LittleEndian.PutUint64(key[:], seed)
	return &dice{source: rand.NewChaCha8(key)}
}

type dice struct {
	mutex  sync.Mutex
	source *rand.ChaCha8
}

func (d *dice) Read(into []byte) (int, error) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	return d.source.Read(into)
}
