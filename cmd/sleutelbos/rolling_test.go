package main

import (
	"context"
	"fmt"
	"net/http"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/sleutelbos/sleutelbos/internal/testrig"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

func TestServersAreRestartedInTurnUnderLoadWithoutAFailedRequest(t *testing.T) {
	t.Parallel()
	f := newFleet(t, testrig.NewPostgres(t, nil))
	servers := []*member{f.start(), f.start()}
	r := f.rig()
	partner := f.partner(r)
	if made := partner.Do(createOrganisation, organisationNamed("First")); made.Code() != "" {
		t.Fatal(made.Text)
	}
	r.Register("north", "first@fleet.test")
	browser := r.SignedIn("north", "first@fleet.test")

	var done atomic.Int64
	fine := func(answer rig.Answer, path string) {
		if answer.Status != http.StatusOK || answer.Code() != "" || answer.String(path) == "" {
			t.Errorf("status %d: %s", answer.Status, answer.Text)
		}
		done.Add(1)
	}
	ctx, enough := context.WithCancel(t.Context())
	wait := all(ctx,
		func(int) {
			fine(browser.Ask(`{ viewer { user { displayName } } }`, nil), "viewer.user.displayName")
		},
		func(turn int) {
			stranger := r.Browser("north") // from an address that hasn't asked for more than its share
			stranger.Header.Set("X-Forwarded-For", fmt.Sprintf("203.0.113.%d", turn%250))
			fine(stranger.Ask(`{ portal { name } }`, nil), "portal.name")
		},
		func(turn int) {
			fine(partner.Ask(createOrganisation, organisationNamed(fmt.Sprint("Org", turn))), "createOrganisation.organisation.id")
		},
		func(int) {
			signedIn := r.Browser("north").Ask(`mutation { beginSignIn(input: {email: "first@fleet.test", password: "`+rig.Password+`"}) {
				step { __typename } userErrors { code } } }`, nil)
			fine(signedIn, "beginSignIn.step.__typename")
		},
	)
	restarts := 0
	for range 3 {
		for i := range servers {
			f.end(servers[i], syscall.SIGTERM)
			servers[i] = f.start()
			restarts++
		}
	}
	enough()
	wait()
	t.Logf("%d requests during %d restarts", done.Load(), restarts)
	if done.Load() < 500 {
		t.Errorf("only %d requests were made: nothing is proved by them", done.Load())
	}
}
