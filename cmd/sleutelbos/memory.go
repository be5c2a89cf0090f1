package main

import (
	"os"
	"runtime/debug"
)

// softLimit is where the collector begins to work for memory rather than for speed. 128 MiB, which a container may be
// given, less what is not Go's heap: a soft limit is passed where it must be.
const softLimit = 100 << 20 // bytes

// tuneMemory chooses how the garbage is collected, where the environment (GOGC, GOMEMLIMIT) doesn't: a heap of a few MiB
// would be collected all the time by the default, and password hashes of 19 MiB each must not wait for three times their size.
func tuneMemory() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(softLimit)
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(200)
	}
}
