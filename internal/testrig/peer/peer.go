// Package peer starts a provider of OpenID Connect that isn't ours: oidc-provider, which is certified and runs on Node.js.
// It knows a few people who come for businesses; run.mjs has them.
package peer

import (
	"bufio"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

//go:embed run.mjs package.json package-lock.json
var files embed.FS

// Provider is one that was started.
type Provider struct {
	// URL is its issuer.
	URL string

	input  io.Writer
	output *bufio.Scanner
}

// Client is who may ask it, and whether claims are told in the user info alone.
type Client struct {
	ID, Secret string
	UserInfo   bool
}

// Start starts one until the test ends. It answers from SendBackTo on. Where Node.js is missing the test is skipped, except
// under CI.
func Start(t testing.TB, client Client) *Provider {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	run := exec.CommandContext(ctx, "node", "run.mjs")
	run.Dir = installed(t)
	run.Env = append(os.Environ(), "CLIENT_ID="+client.ID, "CLIENT_SECRET="+client.Secret, fmt.Sprintf("USER_INFO=%t", client.UserInfo))
	input, err := run.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	output, err := run.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		_ = run.Wait()
	})
	p := &Provider{input: input, output: bufio.NewScanner(output)}
	p.URL = p.await(t, "http://127.0.0.1:")
	return p
}

// SendBackTo tells it the one address that it sends browsers back to.
func (p *Provider) SendBackTo(t testing.TB, address string) {
	t.Helper()
	if _, err := io.WriteString(p.input, address+"\n"); err != nil {
		t.Fatal(err)
	}
	p.await(t, "ready")
}

// await reads on to the line that begins so.
func (p *Provider) await(t testing.TB, begin string) string {
	t.Helper()
	for p.output.Scan() {
		if strings.HasPrefix(p.output.Text(), begin) {
			return p.output.Text()
		}
	}
	t.Fatalf("the provider didn't get to «%s»: %v", begin, p.output.Err())
	return ""
}

var errBack = errors.New("back")

// SignIn walks a browser through the provider, as that account, and answers the address that it is sent back to.
func (p *Provider) SignIn(t testing.TB, location, account string) *url.URL {
	t.Helper()
	jar, _ := cookiejar.New(nil) // never fails without options
	var back *url.URL
	browser := &http.Client{Jar: jar, Timeout: 20 * time.Second, CheckRedirect: func(next *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(next.URL.String(), p.URL) {
			return nil
		}
		back = next.URL
		return errBack
	}}
	response, err := browser.Get(location + "&login_hint=" + account)
	if !errors.Is(err, errBack) {
		t.Fatalf("%s isn't sent back: %v %+v", account, err, response)
	}
	_ = response.Body.Close()
	return back
}

// installed is a folder with the provider and what it depends on, kept among the user's caches.
func installed(t testing.TB) string {
	t.Helper()
	if _, err := exec.LookPath("npm"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("a provider of OpenID Connect that isn't ours needs Node.js, and CI must not go without")
		}
		t.Skip("a provider of OpenID Connect that isn't ours needs Node.js (node and npm), which is not installed")
	}
	digest := sha256.New()
	for _, name := range []string{"package.json", "package-lock.json", "run.mjs"} {
		content, _ := files.ReadFile(name) // they are embedded
		digest.Write(content)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	folder := filepath.Join(cache, "sleutelbos", "provider-"+hex.EncodeToString(digest.Sum(nil))[:16])
	if _, err := os.Stat(folder); err != nil {
		install(t, folder)
	}
	return folder
}

// install installs beside the folder and then moves, so that a folder that exists is whole.
func install(t testing.TB, folder string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(folder), 0o755); err != nil {
		t.Fatal(err)
	}
	fresh, err := os.MkdirTemp(filepath.Dir(folder), "install-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(fresh) })
	if err := os.CopyFS(fresh, files); err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), "npm", "ci", "--no-audit", "--no-fund")
	command.Dir = fresh
	if report, err := command.CombinedOutput(); err != nil {
		t.Fatalf("install the provider: %v\n%s", err, report)
	}
	if err := os.Rename(fresh, folder); err != nil && !os.IsExist(err) {
		t.Fatal(err)
	}
}
