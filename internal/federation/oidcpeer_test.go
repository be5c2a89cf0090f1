package federation

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// TestACertifiedProviderSignsPeopleIn goes through a provider that isn't ours, from the request to the assertion.
func TestACertifiedProviderSignsPeopleIn(t *testing.T) {
	t.Parallel()
	folder := installedProvider(t)
	for name, userInfo := range map[string]bool{"claims in the token": false, "claims in the user info": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			row := eHerkenningRow(startedProvider(t, folder, userInfo))
			row.OIDC.Scopes, row.OIDC.ACRValues, row.OIDC.UserInfo = []string{"eherkenning-extra"}, []string{"urn:etoegang:core:assurance-class:loa3"}, userInfo
			party := newParty(t, row)
			intermediary := identity.KVKNumber("69599084")
			for account, want := range map[string]struct {
				reason Reason
				a      identity.Assertion
			}{
				"donald":  {"", identity.Assertion{Level: identity.EH3, KVKNumber: "68750110", Establishments: []identity.EstablishmentNumber{"000037178598"}}},
				"chain":   {"", identity.Assertion{Level: identity.EH4, KVKNumber: "68750110", Intermediary: &intermediary}},
				"weak":    {LevelTooLow, identity.Assertion{}},
				"private": {KVKNumberMissing, identity.Assertion{}},
				"nobody":  {Cancelled, identity.Assertion{}},
			} {
				pending, returned := visit(t, party, row, account)
				got, err := party.Finish(t.Context(), pending, returned, time.Now())
				wantReason(t, got, err, want.reason)
				if err == nil && (got.Subject != account || got.Level != want.a.Level || got.KVKNumber != want.a.KVKNumber ||
					len(got.Establishments) != len(want.a.Establishments) || (got.Intermediary == nil) != (want.a.Intermediary == nil)) {
					t.Errorf("%s: %+v", account, got)
				}
				if err == nil {
					wantUsedUp(t, party, pending, returned)
				}
			}
			wantBound(t, party, row)
		})
	}
}

// wantUsedUp: a code works once.
func wantUsedUp(t *testing.T, party *RelyingParty, pending Request, returned url.Values) {
	t.Helper()
	got, err := party.Finish(t.Context(), pending, returned, time.Now())
	wantReason(t, got, err, ProviderRefused)
}

// wantBound: a code that one request got is worth nothing in another, whose verifier and nonce are others.
func wantBound(t *testing.T, party *RelyingParty, row OIDC) {
	t.Helper()
	pending, _ := visit(t, party, row, "donald")
	other, returned := visit(t, party, row, "donald")
	returned["state"] = []string{pending.State}
	got, err := party.Finish(t.Context(), pending, returned, time.Now())
	wantReason(t, got, err, ProviderRefused)
	other.Nonce = pending.Nonce
	fresh, back := visit(t, party, row, "donald")
	fresh.Nonce = other.Nonce
	got, err = party.Finish(t.Context(), fresh, back, time.Now())
	wantReason(t, got, err, RequestUnknown)
}

// visit walks a browser through the provider, as that account, until it is sent back.
func visit(t *testing.T, party *RelyingParty, row OIDC, account string) (Request, url.Values) {
	t.Helper()
	pending, location, err := party.Begin(t.Context(), time.Now(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	jar, _ := cookiejar.New(nil)
	back := errors.New("back")
	var returned url.Values
	browser := &http.Client{Jar: jar, Timeout: 20 * time.Second, CheckRedirect: func(next *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(next.URL.String(), row.RedirectURL) {
			returned = next.URL.Query()
			return back
		}
		return nil
	}}
	response, err := browser.Get(location + "&login_hint=" + account)
	if !errors.Is(err, back) {
		t.Fatalf("%s isn't sent back: %v %+v", account, err, response)
	}
	_ = response.Body.Close()
	return pending, returned
}

// startedProvider starts one until the test ends, and answers its address.
func startedProvider(t *testing.T, folder string, userInfo bool) string {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	run := exec.CommandContext(ctx, "node", "run.mjs")
	run.Dir = folder
	run.Env = append(os.Environ(), "CLIENT_ID="+forgedClient, "CLIENT_SECRET="+forgedSecret,
		"REDIRECT_URI="+eHerkenningRow("").RedirectURL, "USER_INFO="+map[bool]string{true: "true", false: "false"}[userInfo])
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
	lines := bufio.NewScanner(output)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "http://127.0.0.1:") {
			return lines.Text()
		}
	}
	t.Fatalf("the provider didn't start: %v", lines.Err())
	return ""
}

// installedProvider is a folder with the provider and what it depends on, kept among the user's caches. Where Node.js is
// missing the test is skipped, except under CI.
func installedProvider(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("npm"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("a provider of OpenID Connect that isn't ours needs Node.js, and CI must not go without")
		}
		t.Skip("a provider of OpenID Connect that isn't ours needs Node.js (node and npm), which is not installed")
	}
	files := map[string][]byte{"package.json": nil, "package-lock.json": nil, "run.mjs": nil}
	digest := sha256.New()
	for _, name := range []string{"package.json", "package-lock.json", "run.mjs"} {
		content, err := os.ReadFile(filepath.Join("provider", name))
		if err != nil {
			t.Fatal(err)
		}
		files[name] = content
		digest.Write(content)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	folder := filepath.Join(cache, "sleutelbos", "provider-"+hex.EncodeToString(digest.Sum(nil))[:16])
	if _, err := os.Stat(folder); err != nil {
		installProvider(t, folder, files)
	}
	return folder
}

// installProvider installs beside the folder and then moves, so that a folder that exists is whole.
func installProvider(t *testing.T, folder string, files map[string][]byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(folder), 0o755); err != nil {
		t.Fatal(err)
	}
	fresh, err := os.MkdirTemp(filepath.Dir(folder), "install-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(fresh) })
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(fresh, name), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	install := exec.CommandContext(t.Context(), "npm", "ci", "--no-audit", "--no-fund")
	install.Dir = fresh
	if report, err := install.CombinedOutput(); err != nil {
		t.Fatalf("install the provider: %v\n%s", err, report)
	}
	if err := os.Rename(fresh, folder); err != nil && !os.IsExist(err) {
		t.Fatal(err)
	}
}
