package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of Linux's accounts of time, for every architecture that Go runs on.
const tick = 10 * time.Millisecond

// worked is how long processors were at work for a server so far: in its own process, and in the processes of PostgreSQL
// that serve the town's database. Unlike what is answered in a second it hardly minds whatever else the machine does.
func (c *child) worked(t town) (time.Duration, error) {
	total, err := worked(c.command.Process.Pid)
	if err != nil || t.kind != postgresql {
		return total, err
	}
	name := []byte(" " + t.url[strings.LastIndexByte(t.url, '/')+1:strings.IndexByte(t.url, '?')] + " ")
	lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		return 0, err
	}
	for _, line := range lines {
		text, err := os.ReadFile(line)
		if err != nil || !bytes.HasPrefix(text, []byte("postgres: ")) || !bytes.Contains(text, name) {
			continue // it ended meanwhile, or is another
		}
		pid, err := strconv.Atoi(strings.Split(line, "/")[2])
		if err != nil {
			return 0, err
		}
		if more, err := worked(pid); err == nil {
			total += more
		}
	}
	return total, nil
}

func worked(pid int) (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, fmt.Errorf("read the time of a process (Linux alone tells it): %w", err)
	}
	// The name, in brackets, may hold anything. Behind it the 12th and 13th fields are the time in user and system mode.
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	if len(fields) < 13 {
		return 0, errors.New("/proc says nothing of a process's time")
	}
	var sum int
	for _, field := range fields[11:13] {
		ticks, err := strconv.Atoi(field)
		if err != nil {
			return 0, fmt.Errorf("read the time of a process: %w", err)
		}
		sum += ticks
	}
	return time.Duration(sum) * tick, nil
}
