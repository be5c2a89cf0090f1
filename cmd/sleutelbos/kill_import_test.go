package main

import (
	"fmt"
	"syscall"
	"testing"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

// moved is an import of so many rows: of each ten one is faulty, two are mailed their invitation, and the others bring the hash of
// their password.
type moved struct {
	organisation string
	rows         int
}

const movedAtOnce = 100

func (m moved) isFaulty(number int) bool  { return number%10 == 3 }
func (m moved) isInvited(number int) bool { return number%10 == 1 || number%10 == 2 }
func (m moved) email(number int) string   { return fmt.Sprintf("user%d@moved.test", number) }

// count counts the rows that are so.
func (m moved) count(isSo func(number int) bool) (count int) {
	for number := 1; number <= m.rows; number++ {
		if isSo(number) {
			count++
		}
	}
	return count
}

func (m moved) row(number int) map[string]any {
	row := map[string]any{"number": number, "organisationId": m.organisation, "email": m.email(number), "displayName": "Somebody"}
	switch {
	case m.isFaulty(number):
		row["email"] = "no address"
	case !m.isInvited(number):
		row["passwordHash"] = "$2y$07$BCryptRequires22Chrcte/VlQH0piJtjXl.0t1XkA8pw9dMXTpOq"
	}
	return row
}

// send sends all rows. A call whose answer is lost is sent again, as a partner does.
func (m moved) send(t *testing.T, partner *rig.Browser) (id string) {
	t.Helper()
	for from := 1; from <= m.rows; from += movedAtOnce {
		rows := make([]map[string]any, movedAtOnce)
		for i := range rows {
			rows[i] = m.row(from + i)
		}
		for id = ""; id == ""; {
			answer, err := partner.Try(`mutation ($rows: [ImportUserInput!]!) {
				importUsers(input: {key: "move", rows: $rows}) { import { id } userErrors { code path } }
			}`, map[string]any{"rows": rows})
			if err == nil && answer.Code() != "" && answer.Code() != "INTERNAL" {
				t.Error(answer.Text)
				return ""
			}
			id = answer.String("importUsers.import.id")
		}
	}
	return id
}

func TestAnImportOnAServerKilledAgainAndAgainSettlesEveryRowOnce(t *testing.T) {
	t.Parallel()
	for kind, open := range map[string]func(testing.TB, *testrig.Clock) testrig.Database{"sqlite": testrig.NewSQLite, "postgres": testrig.NewPostgres} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			f := newFleet(t, open(t, nil))
			serving := f.start()
			partner := f.partner(f.rig())
			made := partner.Do(createOrganisation, organisationNamed("Moved"))
			m := moved{made.String("createOrganisation.organisation.id"), 2000}
			sent := make(chan string)
			go func() { sent <- m.send(t, partner) }() // while servers come and go
			const settled = "SELECT count(*) FROM import_rows WHERE state <> 'WAITING'"
			const kills = 6
			for kill := 1; kill <= kills; kill++ {
				f.await("the import doesn't go on", func() bool { return f.count(settled) >= kill*m.rows/(kills+1) })
				f.end(serving, syscall.SIGKILL)
				serving = f.start()
			}
			id := <-sent
			f.await("rows still wait", func() bool { return f.count(settled) == m.rows })
			f.expectNoneQueued()
			m.wantReport(t, partner, id)
			m.wantEachOnce(t, f)
			m.wantMails(t, f, kills*4) // workers of a server
			f.end(serving, syscall.SIGTERM)
		})
	}
}

// wantReport reads the whole report: each row once, in order, as it is to come out.
func (m moved) wantReport(t *testing.T, partner *rig.Browser, id string) {
	t.Helper()
	number := 0
	for after, more := any(nil), true; more; {
		part := partner.Do(`query ($id: ID!, $after: String) { import(id: $id) { state total done failed rows(first: 200, after: $after) {
			nodes { number state userErrors { code } } pageInfo { hasNextPage endCursor }
		} } }`, map[string]any{"id": id, "after": after})
		if failed := m.count(m.isFaulty); part.String("import.state") != "SETTLED" || part.Int("import.failed") != failed || part.Int("import.done") != m.rows-failed {
			t.Fatalf("the report begins %.200s", part.Text)
		}
		for _, node := range part.List("import.rows.nodes") {
			number++
			want := fmt.Sprint(map[string]any{"number": number, "state": "DONE", "userErrors": []any{}})
			if m.isFaulty(number) {
				want = fmt.Sprint(map[string]any{"number": number, "state": "FAILED", "userErrors": []any{map[string]any{"code": "INVALID_INPUT"}}})
			}
			if got := fmt.Sprint(node); got != want {
				t.Errorf("the report has %s where %s was to come", got, want)
			}
		}
		after, more = part.At("import.rows.pageInfo.endCursor"), part.At("import.rows.pageInfo.hasNextPage") == true
	}
	if number != m.rows {
		t.Errorf("the report has %d rows of %d", number, m.rows)
	}
}

// wantEachOnce wants of each row that is done one user, of whom the row tells, one event, and an invitation where it has no hash.
func (m moved) wantEachOnce(t *testing.T, f *fleet) {
	t.Helper()
	done, invited := m.rows-m.count(m.isFaulty), m.count(m.isInvited)
	for from, want := range map[string]int{
		"users WHERE email LIKE 'user%'": done,
		"import_rows AS r JOIN users AS u ON u.id = r.target_id AND u.email = 'user' || r.number || '@moved.test'": done,
		"import_rows WHERE sealed IS NOT NULL": 0,
		"audit_events AS e JOIN import_rows AS r ON r.target_id = e.target_id AND e.action IN ('USER_INVITED', 'USER_CREATED')": done,
		"audit_events WHERE action = 'USER_INVITED'":                                                 invited + 1, // the main user
		"audit_events WHERE action = 'USER_CREATED'":                                                 done - invited,
		"invitations AS i JOIN import_rows AS r ON r.target_id = i.user_id":                          invited,
		"messages AS m JOIN import_rows AS r ON r.target_id = m.user_id":                             invited,
		"messages AS m JOIN import_rows AS r ON r.target_id = m.user_id WHERE m.state = 'DELIVERED'": invited,
	} {
		if got := f.count("SELECT count(*) FROM " + from); got != want {
			t.Errorf("%d %s, want %d", got, from, want)
		}
	}
	tenant := identity.Tenant{Portal: "north", Organisation: identity.ID(m.organisation)}
	if err := f.database.Within(t.Context(), tenant, func(s *store.Scope) error {
		_, err := s.VerifyAudit(t.Context(), tenant.Organisation)
		return err
	}); err != nil {
		t.Error(err)
	}
}

// wantMails wants mails for the rows that are invited and for none else, a second one only as a kill can cause it.
func (m moved) wantMails(t *testing.T, f *fleet, most int) {
	t.Helper()
	came := f.mailed(most)
	if len(came) != m.count(m.isInvited)+1 { // the main user
		t.Errorf("%d people had mail", len(came))
	}
	for number := 1; number <= m.rows; number++ {
		if came[m.email(number)] != m.isInvited(number) {
			t.Errorf("row %d had mail, or none that was invited", number)
		}
	}
}
