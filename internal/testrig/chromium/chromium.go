// Package chromium is a real browser for tests: Debian's headless Chromium, driven by its own DevTools protocol over a pair of
// pipes, so that nothing listens anywhere and nothing has to be installed beside it.
//
// A machine without Chromium skips what needs it, with a sentence; under CI=true it fails.
package chromium

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"
)

// patience is how long an answer of the browser may take. It is only ever spent by a test that fails.
const patience = time.Minute

// Browser is a running Chromium with a profile of its own. Safe for concurrent use.
type Browser struct {
	write *os.File

	mutex   sync.Mutex
	last    int
	waiting map[int]chan reply
	gone    chan struct{}
}

type reply struct {
	ID     int             `json:"id"`
	Result json.RawMessage `json:"result"`
	Error  *struct {
		Message string `json:"message"`
	} `json:"error"`
}

// Start starts a browser, which ends with the test.
func Start(t testing.TB) *Browser {
	t.Helper()
	path, err := find()
	switch {
	case err == nil:
	case os.Getenv("CI") == "true":
		t.Fatal("chromium isn't installed; script/setup does that")
	default:
		t.Skip("chromium isn't installed; script/setup does that")
	}
	command := exec.Command(path, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
		"--remote-debugging-pipe", "--user-data-dir="+t.TempDir(), "about:blank")
	asks, write := pipe(t)
	read, answers := pipe(t)
	command.ExtraFiles = []*os.File{asks, answers} // which Chromium knows as 3 and 4
	if err := command.Start(); err != nil {
		t.Fatal("start chromium:", err)
	}
	_, _ = asks.Close(), answers.Close() // they are the browser's now
	b := &Browser{write: write, waiting: map[int]chan reply{}, gone: make(chan struct{})}
	go b.listen(read)
	t.Cleanup(func() { b.stop(command) })
	return b
}

func find() (string, error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", exec.ErrNotFound
}

func pipe(t testing.TB) (read, write *os.File) {
	t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	return read, write
}

// stop asks the browser to end, so that it leaves its profile alone, and ends it where it doesn't.
func (b *Browser) stop(command *exec.Cmd) {
	_, _ = b.ask("", "Browser.close", nil)
	ended := make(chan struct{})
	go func() {
		_ = command.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		_ = command.Process.Kill()
		<-ended
	}
	_ = b.write.Close()
}

// listen hands each answer to whoever waits for it. Messages end with a zero byte.
func (b *Browser) listen(read *os.File) {
	defer close(b.gone)
	defer func() { _ = read.Close() }()
	messages := bufio.NewReader(read)
	for {
		text, err := messages.ReadBytes(0)
		if err != nil {
			return
		}
		var answer reply
		if json.Unmarshal(text[:len(text)-1], &answer) != nil || answer.ID == 0 {
			continue // an event
		}
		b.mutex.Lock()
		waiting := b.waiting[answer.ID]
		delete(b.waiting, answer.ID)
		b.mutex.Unlock()
		if waiting != nil {
			waiting <- answer
		}
	}
}

// ask calls a method of the protocol, of a page or, with "", of the browser.
func (b *Browser) ask(session, method string, params map[string]any) (json.RawMessage, error) {
	if params == nil {
		params = map[string]any{}
	}
	answer := make(chan reply, 1)
	b.mutex.Lock()
	b.last++
	message := map[string]any{"id": b.last, "method": method, "params": params}
	if session != "" {
		message["sessionId"] = session
	}
	text, err := json.Marshal(message)
	if err == nil {
		b.waiting[b.last] = answer
		_, err = b.write.Write(append(text, 0))
	}
	b.mutex.Unlock()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", method, err)
	}
	select {
	case answer := <-answer:
		if answer.Error != nil {
			return nil, fmt.Errorf("%s: %s", method, answer.Error.Message)
		}
		return answer.Result, nil
	case <-b.gone:
		return nil, fmt.Errorf("%s: the browser is gone", method)
	case <-time.After(patience):
		return nil, fmt.Errorf("%s: no answer", method)
	}
}
