package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sleutelbos/sleutelbos/internal/config"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

const laterKey = "k2:YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXphYmNkZWY="

func TestARotationOfKeysThatIsKilledInTheMidstGoesOnWhereItWas(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		const values = 1500
		folder := t.TempDir()
		if err := os.WriteFile(filepath.Join(folder, "north.yaml"), []byte(aPortal), 0o600); err != nil {
			t.Fatal(err)
		}
		portals, err := config.ReadPortals(folder)
		if err != nil {
			t.Fatal(err)
		}
		rig.LeaveMessages(t, db, portals[0], fleetKey, values)
		settings := func(keys string) []string {
			return append(os.Environ(), "SLEUTELBOS_DATABASE_URL="+db.URL, "SLEUTELBOS_PORTALS="+folder, "SLEUTELBOS_SECRET_KEYS="+keys)
		}
		run := func(keys string, arguments ...string) (int, string) {
			var out strings.Builder
			return execute(context.Background(), shell{&out, &out, settings(keys)}, arguments), out.String()
		}

		killed, said := exec.Command("sleutelbos", "key", "rotate"), &notes{more: make(chan struct{})}
		killed.Env, killed.Stderr = settings(laterKey+","+fleetKey), said
		if err := killed.Start(); err != nil {
			t.Fatal(err)
		}
		if text, ok := said.await([]string{"messages.sealed_token: 200 resealed"}); !ok {
			t.Fatal(text)
		}
		_ = killed.Process.Kill()
		_ = killed.Wait()
		if code, text := run(laterKey+","+fleetKey, "key", "check"); code != 0 || !strings.Contains(text, "\nk1: ") || !strings.Contains(text, "k2: seals; ") {
			t.Errorf("in between: exit %d, %s", code, text)
		}
		code, text := run(laterKey+","+fleetKey, "key", "rotate")
		if code != 0 || !strings.Contains(text, "k2: seals; 1500 in messages.sealed_token") || !strings.Contains(text, "k1: nothing is under it; it can be taken out") {
			t.Errorf("at the end: exit %d, %s", code, text)
		}
		if code, text := run(laterKey, "key", "check"); code != 0 {
			t.Errorf("without the old key: exit %d, %s", code, text)
		}
		if code, text := run(fleetKey, "key", "check"); code != 1 || !strings.Contains(text, "key k2 isn't in the settings: 1500 in messages.sealed_token") {
			t.Errorf("without the new key: exit %d, %s", code, text)
		}
		if code, text := run(fleetKey, "key", "rotate"); code != 1 || !strings.Contains(text, "1500 values open under none of the keys") {
			t.Errorf("and it can't be rotated: exit %d, %s", code, text)
		}
	})
}
