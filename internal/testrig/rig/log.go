package rig

import (
	"bytes"
	"sync"
)

// Log keeps what a server logs. Safe for concurrent use.
type Log struct {
	mutex sync.Mutex
	lines bytes.Buffer
}

// Write is the logger's.
func (l *Log) Write(line []byte) (int, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.lines.Write(line)
}

// String is everything so far.
func (l *Log) String() string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.lines.String()
}
