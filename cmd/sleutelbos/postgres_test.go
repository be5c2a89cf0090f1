package main

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sleutelbos/sleutelbos/internal/testrig/postgres"
)

const aPortal = `
slug: north
name: North
hosts: [north.test]
spa: {origin: https://north.spa.test}
mail: {fromAddress: portal@north.test}
`

func TestOnPostgreSQLServeWaitsForTheMigrationsToBeApplied(t *testing.T) {
	t.Parallel()
	address := postgres.Database(t, "nothing applied", func(context.Context, string) error { return nil })
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "north.yaml"), []byte(aPortal), 0o600); err != nil {
		t.Fatal(err)
	}
	out, said := &notes{more: make(chan struct{})}, &notes{more: make(chan struct{})}
	sh := shell{out, said, []string{
		"SLEUTELBOS_LISTEN=127.0.0.1:0", "SLEUTELBOS_INTERNAL_LISTEN=127.0.0.1:0", "SLEUTELBOS_DATABASE_URL=" + address,
		"SLEUTELBOS_SMTP_URL=smtp://127.0.0.1:1?tls=none", "SLEUTELBOS_PORTALS=" + folder, "SLEUTELBOS_DRAIN=0s",
		"SLEUTELBOS_SECRET_KEYS=k1:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
	}}
	if code := execute(t.Context(), sh, []string{"serve"}); code != 1 || !strings.Contains(said.String(), "run «sleutelbos migrate» first") {
		t.Fatalf("without migrations: exit %d, %s", code, said)
	}
	if code := execute(t.Context(), sh, []string{"migrate"}); code != 0 || strings.Contains(out.String(), "pending") {
		t.Fatalf("migrate: exit %d, %s %s", code, out, said)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan int)
	go func() { ended <- execute(ctx, sh, []string{"serve"}) }()
	text, ok := said.await([]string{`"msg":"serving"`})
	if !ok {
		t.Fatalf("it doesn't serve: %s", text)
	}
	answer, err := http.Get(internalAddress.FindStringSubmatch(text)[1] + "/readyz")
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Errorf("it isn't ready: %v, %v", answer, err)
	}
	cancel()
	if code := <-ended; code != 0 {
		t.Errorf("stopping: exit %d, %s", code, said)
	}
}
