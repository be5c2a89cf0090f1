package main

import (
	"os"
	"runtime"
	"runtime/debug"

	"github.com/sleutelbos/sleutelbos/internal/secret"
)

// roomBesideHashes is the heap of a busy server, without the memory of the password hashes that it computes.
const roomBesideHashes = 46 << 20 // bytes

// tuneMemory chooses how the garbage is collected, where the environment (GOGC, GOMEMLIMIT) doesn't. A heap of a few MiB
// would be collected all the time by the default, so it may grow to five times what is in use; but the 19 MiB of each password
// hash are to be taken up again by the next one, so the collector works for memory once there is room for as many as run
// at once. The limit is soft: it is passed where it must be.
func tuneMemory() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(roomBesideHashes + int64(runtime.GOMAXPROCS(0))*secret.FloorMemory<<10)
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
}
