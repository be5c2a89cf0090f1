package graph

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// audits is how many audits the pinned version of graphql-http has.
const audits = 61

func TestTheTransportPassesEveryAuditOfGraphQLOverHTTP(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(newTestTransport(t))
	t.Cleanup(server.Close)
	auditGraphQLHTTP(t, server.URL)
}

// auditGraphQLHTTP audits the GraphQL endpoint at a URL against the specification of GraphQL over HTTP and requires every audit to
// pass. The endpoint must answer __typename and __type by anonymous queries.
func auditGraphQLHTTP(t *testing.T, url string) {
	t.Helper()
	folder := installedAudit(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	run := exec.CommandContext(ctx, "node", "run.mjs", url)
	run.Dir = folder
	report, err := run.CombinedOutput()
	passed := strings.Count("\n"+string(report), "\nok ")
	if err != nil || passed != audits {
		t.Errorf("%d of %d audits passed (%v):\n%s", passed, audits, err, report)
	}
}

// auditInstallation makes sure that the tests of one run install once.
var auditInstallation sync.Mutex

// installedAudit is a folder with the audit and what it depends on, kept among the user's caches. Where Node.js is missing the
// test is skipped, except under CI.
func installedAudit(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("npm"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("the audit of GraphQL over HTTP needs Node.js, and CI must not go without")
		}
		t.Skip("the audit of GraphQL over HTTP needs Node.js (node and npm), which is not installed")
	}
	auditInstallation.Lock()
	defer auditInstallation.Unlock()
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	folder := filepath.Join(cache, "sleutelbos", "audit-"+auditVersion(t))
	if _, err := os.Stat(folder); err != nil {
		installAudit(t, folder)
	}
	return folder
}

// auditFiles are the files of folder audit.
var auditFiles = []string{"package.json", "package-lock.json", "run.mjs"}

// auditVersion stands for the content of the audit's files.
func auditVersion(t *testing.T) string {
	t.Helper()
	sum := sha256.New()
	for _, name := range auditFiles {
		content, err := os.ReadFile(filepath.Join("audit", name))
		if err != nil {
			t.Fatal(err)
		}
		sum.Write(content)
	}
	return hex.EncodeToString(sum.Sum(nil))[:16]
}

// installAudit installs beside the folder and then moves, so that a folder that exists is whole.
func installAudit(t *testing.T, folder string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(folder), 0o755); err != nil {
		t.Fatal(err)
	}
	fresh, err := os.MkdirTemp(filepath.Dir(folder), "install-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(fresh) })
	for _, name := range auditFiles {
		content, err := os.ReadFile(filepath.Join("audit", name))
		if err == nil {
			err = os.WriteFile(filepath.Join(fresh, name), content, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	install := exec.CommandContext(t.Context(), "npm", "ci", "--no-audit", "--no-fund")
	install.Dir = fresh
	if report, err := install.CombinedOutput(); err != nil {
		t.Fatalf("install the audit: %v\n%s", err, report)
	}
	if err := os.Rename(fresh, folder); err != nil && !os.IsExist(err) {
		t.Fatal(err)
	}
}
