package main

import (
	"cmp"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

// earlierBinary names the binary of an earlier version; «make earlier REV=…» sets it. Without one, today's stands in for it, so
// that what is asked here is known to work.
const earlierBinary = "TEST_EARLIER_BINARY"

// An upgrade, and the way back: the tables are today's from the beginning, as they are once «sleutelbos migrate» was run.
func TestAnEarlierVersionWorksWithTheTablesOfThisOneAloneAndBesideIt(t *testing.T) {
	t.Parallel()
	earlier := cmp.Or(os.Getenv(earlierBinary), "sleutelbos")
	f := newFleet(t, testrig.NewPostgres(t, nil))
	if earlier == "sleutelbos" {
		f.widenTables() // as the tables of a version to come are
	}
	r := f.rig()
	f.binary = earlier
	before := f.start()
	partner := f.partner(r)
	receiver := hook(t, partner)
	f.spendADay(r, partner, "Before")

	f.binary = "sleutelbos"
	after := f.start()
	f.spendADay(r, partner, "Beside") // each request goes to the other of the two
	f.end(before, syscall.SIGTERM)
	f.spendADay(r, partner, "After")

	f.binary = earlier
	f.start()
	f.end(after, syscall.SIGTERM)
	f.spendADay(r, partner, "Back")
	for _, name := range []string{"Before", "Beside", "After", "Back"} {
		r.SignedIn("north", organisationNamed(name)["email"].(string))
	}
	f.wantEachEvent(f.log(), receiver, 0)
	for _, f.binary = range []string{earlier, "sleutelbos"} {
		f.run("audit", "verify")
	}
}

// widenTables gives each table a column that no version knows yet: what is read must not fall over what a later one writes there.
func (f *fleet) widenTables() {
	f.t.Helper()
	owner, err := pgxpool.New(f.t.Context(), f.database.URL)
	if err != nil {
		f.t.Fatal(err)
	}
	defer owner.Close()
	_, err = owner.Exec(f.t.Context(), `DO $$ DECLARE name text; BEGIN
		FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE 'river%' LOOP
			EXECUTE format('ALTER TABLE %I ADD COLUMN of_a_later_version text DEFAULT %L', name, 'later');
		END LOOP;
	END $$`)
	if err != nil {
		f.t.Fatal(err)
	}
}

// spendADay does what people and programs do all day: an organisation is made, its main user registers, signs in, looks at the
// users and invites one, who registers and signs in too.
func (f *fleet) spendADay(r *rig.Rig, partner *rig.Browser, name string) {
	f.t.Helper()
	if made := partner.Do(createOrganisation, organisationNamed(name)); made.Code() != "" {
		f.t.Fatalf("%s: %s", name, made.Text)
	}
	email := organisationNamed(name)["email"].(string)
	r.Register("north", email)
	main := r.SignedIn("north", email)
	invited := "an." + email
	main.Invite(invited, "An", identity.SubUser)
	r.SignedIn("north", invited)
	seen := main.Do(`{
		viewer { user { displayName } sessions { id } }
		organisation { name users { totalCount nodes { email status } } auditEvents(first: 3) { totalCount nodes { action } } }
	}`)
	if strings.Count(seen.Text, `"status":"ACTIVE"`) != 2 || !strings.Contains(seen.Text, email) || seen.String("organisation.name") != name {
		f.t.Errorf("%s sees %s", name, seen.Text)
	}
}
