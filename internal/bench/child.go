package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"
	"time"
)

// child is a process under load. It ends with the bench, however that ends.
type child struct {
	command *exec.Cmd
	// address answers the load; internal says whether it is ready, and holds the profiles of one that has them.
	address, internal string
	// started is how long it took from its start to its first answer.
	started time.Duration
}

// start runs a command that serves at two addresses, which it is told as arguments or in its environment, and waits until
// it is ready.
func start(ctx context.Context, describe func(address, internal string) (command, environment []string)) (*child, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	internal, err := freeAddress()
	if err != nil {
		return nil, err
	}
	command, environment := describe(address, internal)
	c := &child{command: exec.CommandContext(ctx, command[0], command[1:]...), address: address, internal: internal}
	c.command.Env = append(environment, "PATH="+os.Getenv("PATH"), "TMPDIR="+os.TempDir())
	c.command.Cancel = func() error { return c.command.Process.Signal(syscall.SIGTERM) }
	// What it logs goes nowhere: reading it would cost the machine more than writing it.
	began := time.Now()
	if err := c.command.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", command[0], err)
	}
	if err := c.awaitReady(ctx); err != nil {
		c.stop()
		return nil, fmt.Errorf("start %v: %w; started again it says: %s", command, err, words(ctx, command, c.command.Env))
	}
	c.started = time.Since(began)
	return c, nil
}

// words runs a command that didn't start as it should once more, and answers what it says in two seconds.
func words(ctx context.Context, command, environment []string) []byte {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	again := exec.CommandContext(ctx, command[0], command[1:]...)
	again.Env = environment
	said, _ := again.CombinedOutput() // that it fails is known
	return said
}

func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String(), nil
}

// awaitReady asks every millisecond, so that a start is measured to the millisecond.
func (c *child) awaitReady(ctx context.Context) error {
	const patience = 10 * time.Second
	client := http.Client{Timeout: time.Second}
	for deadline := time.Now().Add(patience); ; {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+c.internal+"/readyz", nil)
		if err != nil {
			return err
		}
		answer, err := client.Do(request)
		if err == nil {
			_ = answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return nil
			}
			err = errors.New(answer.Status)
		}
		if time.Now().After(deadline) || ctx.Err() != nil {
			return fmt.Errorf("it isn't ready: %w", err)
		}
		time.Sleep(time.Millisecond)
	}
}

func (c *child) stop() {
	_ = c.command.Process.Signal(syscall.SIGTERM)
	_ = c.command.Wait() // it was told to end: how it does says nothing
}

// Memory of a process, as Linux tells it.
const (
	memoryNow  = "VmRSS"
	memoryPeak = "VmHWM"
)

// memory answers MiB.
func (c *child) memory(kind string) (float64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.command.Process.Pid))
	if err != nil {
		return 0, fmt.Errorf("read the memory of a process (Linux alone tells it): %w", err)
	}
	found := regexp.MustCompile(kind + `:\s+(\d+) kB`).FindSubmatch(status)
	if found == nil {
		return 0, fmt.Errorf("/proc says nothing of %s", kind)
	}
	kilobytes, err := strconv.Atoi(string(found[1]))
	return float64(kilobytes) / 1024, err
}

// profile saves a CPU profile and one of memory to a folder, while the process is under load.
func (c *child) profile(ctx context.Context, folder, name string, length time.Duration) error {
	seconds := max(1, int(length.Seconds()))
	for kind, path := range map[string]string{"cpu": fmt.Sprintf("profile?seconds=%d", seconds), "memory": "allocs"} {
		if err := save(ctx, "http://"+c.internal+"/debug/pprof/"+path, filepath.Join(folder, name+"."+kind+".pprof")); err != nil {
			return err
		}
	}
	return nil
}

func save(ctx context.Context, address, file string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("fetch a profile: %w", err)
	}
	defer func() { _ = answer.Body.Close() }()
	content, err := io.ReadAll(answer.Body)
	if err != nil {
		return fmt.Errorf("fetch a profile: %w", err)
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("fetch a profile: %s", answer.Status)
	}
	return os.WriteFile(file, content, 0o644)
}
