// Package lasso is an eHerkenning broker for tests that nobody here wrote: Entr'ouvert's Lasso, driven by broker.py, on the
// loopback. It reads our metadata and our requests, checks our signatures, seals names for us, and gives each message for its
// artifact once. Its documents are signed by xmlsec1. It goes by the machine's clock.
package lasso

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	_ "embed" // of broker.py
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// What both sides are called, and the service that people sign in to.
const (
	Us           = "urn:etoegang:DV:00000003687501100000:entities:9100"
	Entity       = "urn:etoegang:HM:00000003244440010000:entities:9001"
	ServiceIndex = 9052
	ServiceID    = "urn:etoegang:DV:00000003687501100000:services:9052"
	ServiceUUID  = "2c1a3b62-9d6d-4ff4-a3a4-1f9d1d3a2f10"
)

// Broker is Lasso at work. Safe for concurrent use.
type Broker struct {
	Papers
	// Origin is where it is, by https.
	Origin string

	folder  string
	know    func() error
	browser *http.Client
}

// Word is what the broker says of the person whom a browser belongs to.
type Word struct {
	// Cancel: that they stopped.
	Cancel bool `json:"cancel"`
	// Level is the whole name of one.
	Level string `json:"level"`
	// Plain and Sealed are attributes by name; a sealed one has a qualifier and a name.
	Plain  map[string][]string  `json:"plain"`
	Sealed map[string][2]string `json:"sealed"`
	// ID is the assertion's; "": one of its own.
	ID string `json:"id"`
}

//go:embed broker.py
var program []byte

// Start runs one until the test ends. AskForOurs: its back channel asks for our certificate. Where Lasso or xmlsec1 is missing
// the test is skipped, except under CI.
func Start(t testing.TB, askForOurs bool) *Broker {
	t.Helper()
	python := find(t)
	b := &Broker{folder: t.TempDir()}
	keys := pairs()
	b.place(t, "broker.py", program)
	b.place(t, "certificate.pem", keys["broker"].certificatePEM())
	b.place(t, "key.pem", keys["broker"].keyPEM())
	b.place(t, "client.pem", keys["signing"].certificatePEM())
	settings, err := json.Marshal(map[string]any{"us": Us, "client": askForOurs})
	must(t, err)
	b.place(t, "settings.json", settings)
	port := b.run(t, python)
	b.Origin = "https://127.0.0.1:" + port
	b.Papers = NewPapers(t, b.Origin)
	b.place(t, "broker.xml", b.Metadata)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(b.Roots)
	b.browser = &http.Client{
		Transport:     &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{keys["signing"].tls()}}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return b
}

func (b *Broker) run(t testing.TB, python string) (port string) {
	process := exec.CommandContext(t.Context(), python, filepath.Join(b.folder, "broker.py"), b.folder)
	process.Stderr = t.Output()
	out, err := process.StdoutPipe()
	must(t, err)
	in, err := process.StdinPipe()
	must(t, err)
	must(t, process.Start())
	t.Cleanup(func() { _ = process.Process.Kill(); _ = process.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	must(t, err)
	b.know = func() error { _, err := in.Write([]byte("\n")); return err }
	return strings.TrimSpace(line)
}

// Know gives it our metadata. It serves from then on.
func (b *Broker) Know(t testing.TB, ours []byte) {
	t.Helper()
	b.place(t, "ours.xml", ours)
	must(t, b.know())
}

// Identify is what it does with a browser that was sent to that address: it answers where the browser goes back to, what it
// brings there, and what the broker read of our request.
func (b *Broker) Identify(t testing.TB, address string, word Word) (to string, brings url.Values, read map[string]any) {
	t.Helper()
	if !strings.HasPrefix(address, b.Origin+"/sso?") {
		t.Fatalf("no browser of this broker was sent to %s", address)
	}
	request, err := http.NewRequest(http.MethodGet, address, nil)
	must(t, err)
	said, err := json.Marshal(word)
	must(t, err)
	request.Header.Set("X-Word", base64.StdEncoding.EncodeToString(said))
	answer, err := b.browser.Do(request)
	must(t, err)
	_ = answer.Body.Close()
	back, err := url.Parse(answer.Header.Get("Location"))
	if err != nil || answer.StatusCode != http.StatusFound {
		t.Fatalf("%s to %s", answer.Status, back)
	}
	raw, err := base64.StdEncoding.DecodeString(answer.Header.Get("X-Request"))
	must(t, err)
	must(t, json.Unmarshal(raw, &read))
	brings, back.RawQuery = back.Query(), ""
	return back.String(), brings, read
}

func (b *Broker) place(t testing.TB, name string, content []byte) {
	t.Helper()
	must(t, os.WriteFile(filepath.Join(b.folder, name), content, 0o600))
}

// find finds a Python that has Lasso: Debian's own, which needn't be the first in the path.
func find(t testing.TB) string {
	t.Helper()
	for _, python := range []string{"/usr/bin/python3", "python3"} {
		if exec.CommandContext(t.Context(), python, "-c", "import lasso").Run() == nil {
			return python
		}
	}
	missing(t, "python3-lasso")
	return ""
}

func missing(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(what + " isn't installed; script/setup does that")
	}
	t.Skip(what + " isn't installed; script/setup does that")
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
