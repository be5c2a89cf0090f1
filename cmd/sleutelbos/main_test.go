package main

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"io"
	"net/http"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"sleutelbos": main})
}

// The binary as an operator uses it; each file in testdata is a sitting. Besides testscript's own commands there are
//
//	start WORDS… -- ARGS…   runs «sleutelbos ARGS…» in the background until its output has all of WORDS…; $PUBLIC and
//	                        $INTERNAL become the addresses that it says it serves at
//	stop                    sends it SIGTERM, and expects that it ends well
//	[!] get URL             fetches; the body becomes stdout
//	graphql FILE ASK [VAR]  asks portal north with the API token in the file; the answer becomes stdout, its first id $VAR
//	tamper SQL              does to the database what no command would
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"start": start, "stop": stop, "get": get, "graphql": graphql, "tamper": tamper,
		},
		Setup: func(env *testscript.Env) error {
			env.Setenv("SLEUTELBOS_LISTEN", "127.0.0.1:0")
			env.Setenv("SLEUTELBOS_INTERNAL_LISTEN", "127.0.0.1:0")
			env.Setenv("SLEUTELBOS_DATABASE_URL", "sqlite:"+env.WorkDir+"/var/test.db")
			env.Setenv("SLEUTELBOS_SECRET_KEYS", "k1:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=")
			env.Setenv("SLEUTELBOS_SMTP_URL", "smtp://127.0.0.1:1?tls=none") // where nobody listens
			env.Setenv("SLEUTELBOS_DRAIN", "0s")                             // no proxy
			env.Setenv("SLEUTELBOS_PORTALS", env.WorkDir+"/portals")
			return nil
		},
	})
}

// settings are what a script's environment says of Sleutelbos.
var settings = []string{
	"SLEUTELBOS_LISTEN", "SLEUTELBOS_INTERNAL_LISTEN", "SLEUTELBOS_DATABASE_URL", "SLEUTELBOS_SECRET_KEYS", "SLEUTELBOS_SMTP_URL",
	"SLEUTELBOS_PORTALS", "SLEUTELBOS_DRAIN", "PATH", "TMPDIR",
}

// processes are what start started, one for each script.
var processes sync.Map

// process is a sleutelbos in the background.
type process struct {
	*exec.Cmd
	said notes
}

func start(ts *testscript.TestScript, neg bool, args []string) {
	dashes := slices.Index(args, "--")
	if neg || dashes < 0 {
		ts.Fatalf("usage: start WORDS… -- ARGS…")
	}
	p := &process{Cmd: exec.Command("sleutelbos", args[dashes+1:]...), said: notes{more: make(chan struct{})}}
	for _, name := range settings {
		p.Env = append(p.Env, name+"="+ts.Getenv(name))
	}
	p.Stdout, p.Stderr, p.Dir = &p.said, &p.said, ts.Getenv("WORK")
	ts.Check(p.Start())
	processes.Store(ts, p)
	ts.Defer(func() { _ = p.Process.Kill() })
	said, ok := p.said.await(args[:dashes])
	if !ok {
		ts.Fatalf("it doesn't say %q:\n%s", args[:dashes], said)
	}
	for name, pattern := range map[string]*regexp.Regexp{"PUBLIC": publicAddress, "INTERNAL": internalAddress} {
		if found := pattern.FindStringSubmatch(said); found != nil {
			ts.Setenv(name, found[1]+found[2])
		}
	}
}

var (
	publicAddress   = regexp.MustCompile(`"public":"([^"]+)"|Start here: +(http://[^/]+)`)
	internalAddress = regexp.MustCompile(`"internal":"([^"]+)"|Health: +(http://[^/]+)`)
)

func stop(ts *testscript.TestScript, neg bool, args []string) {
	found, running := processes.LoadAndDelete(ts)
	if neg || len(args) > 0 || !running {
		ts.Fatalf("usage: stop, after start")
	}
	p := found.(*process)
	ts.Check(p.Process.Signal(syscall.SIGTERM))
	if err := p.Wait(); err != nil {
		ts.Fatalf("it ended with %v:\n%s", err, p.said.String())
	}
	_, err := io.WriteString(ts.Stdout(), p.said.String())
	ts.Check(err)
}

func get(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: get URL")
	}
	answer, err := http.Get(args[0])
	ts.Check(err)
	defer answer.Body.Close()
	_, err = io.Copy(ts.Stdout(), answer.Body)
	ts.Check(err)
	if fine := answer.StatusCode < 400; fine == neg {
		ts.Fatalf("status %d", answer.StatusCode)
	}
}

func graphql(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 || len(args) > 3 {
		ts.Fatalf("usage: graphql FILE ASK [VAR]")
	}
	body, err := json.Marshal(map[string]string{"query": args[1]})
	ts.Check(err)
	request, err := http.NewRequest(http.MethodPost, ts.Getenv("PUBLIC")+"/portals/north/graphql", bytes.NewReader(body))
	ts.Check(err)
	request.Header.Set("Authorization", "Bearer "+strings.TrimSpace(ts.ReadFile(args[0])))
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	ts.Check(err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	ts.Check(err)
	_, err = ts.Stdout().Write(text)
	ts.Check(err)
	if len(args) == 3 {
		ts.Setenv(args[2], regexp.MustCompile(`[a-z]{3}_[0-9a-z]{26}`).FindString(string(text)))
	}
}

func tamper(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: tamper SQL")
	}
	database, err := sql.Open("sqlite", strings.TrimPrefix(ts.Getenv("SLEUTELBOS_DATABASE_URL"), "sqlite:"))
	ts.Check(err)
	defer database.Close()
	_, err = database.Exec(args[0])
	ts.Check(err)
}

// notes is what a process said so far.
type notes struct {
	mutex sync.Mutex
	text  strings.Builder
	more  chan struct{} // closed, and replaced, when it says more
}

func (n *notes) Write(text []byte) (int, error) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	close(n.more)
	n.more = make(chan struct{})
	return n.text.Write(text)
}

func (n *notes) String() string {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	return n.text.String()
}

// await waits until all the words were said.
func (n *notes) await(words []string) (string, bool) {
	enough := time.After(time.Minute)
	for {
		n.mutex.Lock()
		said, more := n.text.String(), n.more
		n.mutex.Unlock()
		if !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(said, word) }) {
			return said, true
		}
		select {
		case <-more:
		case <-enough:
			return said, false
		}
	}
}
