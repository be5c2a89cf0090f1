package app_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

const theirHash = "$2y$07$BCryptRequires22Chrcte/VlQH0piJtjXl.0t1XkA8pw9dMXTpOq"

// finishAll works on several imports at once, each in a process whose turn it is.
func (r race) finishAll(ids ...string) {
	r.T.Helper()
	var group sync.WaitGroup
	for i, id := range ids {
		group.Go(func() {
			process := r.processes[i%len(r.processes)]
			for after := 0; ; {
				reached, err := process.App.PerformImport(r.T.Context(), process.Portal("tvm"), identity.ID(id), after)
				if err != nil {
					r.T.Error(err)
				}
				if reached == after {
					return
				}
				after = reached
			}
		})
	}
	group.Wait()
}

func TestTwoPartnersImportsTogetherEndAtTheAccountLimit(t *testing.T) {
	t.Parallel()
	raceOnBoth(t, func(t *testing.T, r race) {
		limit := 30
		organisation := r.unregistered("Joosten", &limit)
		var ids []string
		for from := 1; from <= 41; from += 40 {
			ids = append(ids, bring(t, r.Partner("tvm", r.Token("tvm", identity.UsersWrite)), people(organisation, from, 40)))
		}
		r.finishAll(ids...)
		users, done, refused := r.count("users"), r.count("import_rows WHERE state = 'DONE'"), r.count(`import_rows WHERE refusals LIKE '%"ACCOUNT_LIMIT_REACHED"%'`)
		if users != limit || done != limit-1 || done+refused != 80 {
			t.Errorf("%d users, %d rows are done, %d refused", users, done, refused)
		}
	}, rig.WithoutDelivery())
}

func TestAnAddressThatTwoPartnersBringAtOnceNamesOneOfThem(t *testing.T) {
	t.Parallel()
	raceOnBoth(t, func(t *testing.T, r race) {
		var ids []string
		for i, name := range []string{"One", "Other"} {
			rows := people(r.unregistered(name, nil), 1, 60)
			for number := range rows {
				rows[number]["passwordHash"] = theirHash
				if i == 1 { // from the other end, so that each waits for the other
					rows[number]["number"] = 60 - number
				}
			}
			ids = append(ids, bring(t, r.Partner("tvm", r.Token("tvm", identity.UsersWrite)), rows))
		}
		r.finishAll(ids...)
		names, done, taken := r.count("identifiers"), r.count("import_rows WHERE state = 'DONE'"), r.count(`import_rows WHERE refusals LIKE '%"EMAIL_TAKEN"%'`)
		if names != 60 || done != 60 || taken != 60 {
			t.Errorf("%d names, %d rows are done, %d taken", names, done, taken)
		}
	}, rig.WithoutDelivery())
}

// odd are texts that have upset programs before.
var odd = []string{
	"", " ", "\x00", "a\x00b@joosten.test", "a\nb", "\u202egnp.exe", "\ufeff", "e\u0301\u0301\u0301", "ﷺ", "👩‍👩‍👧‍👦", "\ufffd", "'; DROP TABLE users; --", "?0 ?1 $1 ?TableAlias",
	`\`, `{"a":1}`, "NULL", "org_\x00", "user1@joosten.test", "user1@joosten.test\x00", "ùser@joosten.test", "a@b", "-1", "99999999999999999999",
	"pbkdf2_sha256$1000$s\x00s$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "$argon2id$v=19$m=4194304,t=999,p=255$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAA",
	"scrypt$1048576$salt$8$64$AAAAAAAAAAAAAAAAAAAAAA==", "$2y$31$BCryptRequires22Chrcte/VlQH0piJtjXl.0t1XkA8pw9dMXTpOq", strings.Repeat("x", 15_000), strings.Repeat("\u0301", 900),
}

// Behind each good row come some with something odd in one field: each text once in each. Whatever it is, each row ends, as done or
// with what is to be mended; a fault would leave it waiting.
func TestOddRowsEndAndSpoilNoOther(t *testing.T) {
	t.Parallel()
	raceOnBoth(t, func(t *testing.T, r race) {
		rows := people(r.unregistered("Joosten", nil), 1, 6*len(odd))
		for i, text := range odd {
			email, name, hash, organisation, app := rows[6*i+1], rows[6*i+2], rows[6*i+3], rows[6*i+4], rows[6*i+5]
			email["email"], name["displayName"], hash["passwordHash"] = text, text, text
			organisation["organisationId"] = text[:min(len(text), 64)] // what is longer is refused with the request
			app["passwordHash"], app["totp"] = theirHash, map[string]any{"secret": text}
		}
		robot := r.Partner("tvm", r.Token("tvm", identity.UsersWrite, identity.OrganisationsRead))
		r.finish(bring(t, robot, rows))
		if waiting, silent := r.count("import_rows WHERE state = 'WAITING'"), r.count("import_rows WHERE state = 'FAILED' AND refusals = '[]'"); waiting+silent > 0 {
			t.Errorf("%d rows still wait, and of %d nobody knows why they failed", waiting, silent)
		}
		// A name can be almost any text, the rest none of these, but for two addresses that are some.
		good, mended := r.count("import_rows WHERE state = 'DONE' AND number % 6 = 1"), r.count("import_rows WHERE state = 'FAILED' AND number % 6 IN (0, 4, 5)")
		if good != len(odd) || mended != 3*len(odd) {
			t.Errorf("%d good rows are done, %d are to be mended", good, mended)
		}
	}, rig.WithoutDelivery())
}

func TestOddOrganisationsEndAndSpoilNoOther(t *testing.T) {
	t.Parallel()
	raceOnBoth(t, func(t *testing.T, r race) {
		dice := rand.New(rand.NewPCG(4711, 2))
		short := slices.DeleteFunc(slices.Clone(odd), func(text string) bool { return len(text) > 64 })
		odder := func() string { return short[dice.IntN(len(short))] }
		rows := make([]map[string]any, 100)
		for number := range rows {
			good := map[string]any{
				"number": number + 1, "name": fmt.Sprint("Organisation ", number), "mainUser": map[string]any{"email": fmt.Sprintf("main%d@joosten.test", number), "displayName": "M"},
			}
			bad := map[string]any{
				"name": odder(), "code": odder(), "accountLimit": dice.IntN(10) - 5, "policyNumbers": []string{odder(), odder()},
				"businessIdentities": []map[string]any{{"kvkNumber": odder(), "establishmentNumbers": []string{odder()}}},
				"mainUser":           map[string]any{"email": odder(), "displayName": odder(), "passwordHash": odder()}, "person": map[string]any{"familyName": odder(), "initials": odder(), "birthDate": odder()},
			}
			rows[number] = good
			if number%2 == 1 {
				field := slices.Sorted(maps.Keys(bad))[dice.IntN(len(bad))]
				good[field] = bad[field]
			}
		}
		robot := r.Partner("tvm", r.Token("tvm", identity.OrganisationsWrite, identity.OrganisationsRead))
		answer := robot.Do(`mutation ($rows: [ImportOrganisationInput!]!) {
			importOrganisations(input: {key: "k", rows: $rows, sendInvitations: false}) { import { id } userErrors { code path } }
		}`, map[string]any{"rows": rows})
		r.finish(answer.String("importOrganisations.import.id"))
		if waiting, done := r.count("import_rows WHERE state = 'WAITING'"), r.count("import_rows WHERE state = 'DONE' AND number % 2 = 1"); waiting > 0 || done != 50 {
			t.Errorf("%d rows still wait, %d good ones are done", waiting, done)
		}
	}, rig.WithoutDelivery())
}
