package app_test

import (
	"strings"
	"testing"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

const (
	requestEmail = `mutation ($email: EmailAddress!) { requestEmailChange(input: {email: $email}) { change { id } userErrors { code } } }`
	confirmEmail = `mutation ($id: ID!, $code: String!) { confirmContactChange(input: {changeId: $id, code: $code}) { change { state } userErrors { code } } }`
	undoContact  = `mutation ($token: String!) { undoContactChange(input: {token: $token}) { change { state } userErrors { code } } }`
)

// requested asks for another address and answers the change's id and the code that was mailed.
func requested(r *rig.Rig, browser *rig.Browser, email string) (string, string) {
	r.T.Helper()
	answer := browser.Do(requestEmail, map[string]any{"email": email})
	if answer.Code() != "" {
		r.T.Fatal(answer.Text)
	}
	code, _, _ := strings.Cut(r.Mailbox.Expect(r.T, email).Subject, " ")
	return answer.String("requestEmailChange.change.id"), code
}

func TestAChangeOfContactIsConfirmedOnceAndUndoneOnce(t *testing.T) {
	t.Parallel()
	raceOnBoth(t, func(t *testing.T, r race) {
		r.Organisation("tvm", "Joosten", "joost@joosten.test")
		browser := r.SignedIn("tvm", "joost@joosten.test")
		id, code := requested(r.Rig, browser, "joost@elders.test")
		answers := r.of(crowd, func(int) *rig.Browser { return browser }, confirmEmail, map[string]any{"id": id, "code": code})
		wantTally(t, answers, "confirmContactChange.change.state", map[string]int{"CHANGED": 1, "NOT_FOUND": crowd - 1})
		undo := r.Mailbox.ExpectSubject(t, "joost@joosten.test", "gewijzigd").Token
		answers = r.of(crowd, func(int) *rig.Browser { return r.Browser("tvm") }, undoContact, map[string]any{"token": undo})
		wantTally(t, answers, "undoContactChange.change.state", map[string]int{"RESTORED": 1, "TOKEN_INVALID": crowd - 1})
		if back := r.count("users WHERE email = 'joost@joosten.test'"); back != 1 {
			t.Error("the old address isn't back")
		}
		if told := r.count("messages WHERE kind = 'EMAIL_CHANGED' OR kind = 'CONTACT_RESTORED'"); told != 3 {
			t.Errorf("%d mails tell of it", told)
		}
	})
}

func TestAnAddressBecomesOnePersonsHoweverManyConfirmItAtOnce(t *testing.T) {
	t.Parallel()
	raceOnBoth(t, func(t *testing.T, r race) {
		const people = 5
		browsers, ids, codes := make([]*rig.Browser, people), make([]string, people), make([]string, people)
		for i := range browsers {
			email := string(rune('a'+i)) + "@joosten.test"
			r.Organisation("tvm", email, email)
			browsers[i] = r.SignedIn("tvm", email)
			ids[i], codes[i] = requested(r.Rig, browsers[i], "shared@joosten.test")
		}
		answers := rig.Crowd(people, func(i int) rig.Answer {
			return browsers[i].At(r.processes[i%len(r.processes)]).Ask(confirmEmail, map[string]any{"id": ids[i], "code": codes[i]})
		})
		wantTally(t, answers, "confirmContactChange.change.state", map[string]int{"CHANGED": 1, "EMAIL_TAKEN": people - 1})
	})
}

func TestWrongCodesForAnotherAddressAreNotForgivenByAskingAnew(t *testing.T) {
	t.Parallel()
	raceOnBoth(t, func(t *testing.T, r race) {
		r.Organisation("tvm", "Joosten", "joost@joosten.test")
		browser := r.SignedIn("tvm", "joost@joosten.test")
		limit := r.Portal("tvm").Lockout.CodeLimit
		id, _ := requested(r.Rig, browser, "joost@elders.test")
		answers := r.of(limit-1, func(int) *rig.Browser { return browser }, confirmEmail, map[string]any{"id": id, "code": "wrong"})
		wantTally(t, answers, "", map[string]int{"INVALID_CODE": limit - 1})
		r.Clock.Advance(identity.CodeResendPause)
		id, code := requested(r.Rig, browser, "joost@nergens.test")
		wrong := map[string]any{"id": id, "code": "wrong"}
		answers = r.of(crowd, func(int) *rig.Browser { return browser }, confirmEmail, wrong)
		wantTally(t, answers, "", map[string]int{"INVALID_CODE": 1, "TOO_MANY_ATTEMPTS": crowd - 1})
		r.Clock.Advance(identity.CodeResendPause)
		for _, answer := range []rig.Answer{
			browser.Do(confirmEmail, map[string]any{"id": id, "code": code}), browser.Do(requestEmail, map[string]any{"email": "joost@zee.test"}),
		} {
			if answer.Code() != "TOO_MANY_ATTEMPTS" {
				t.Error("after too many wrong codes:", answer.Text)
			}
		}
	}, rig.Portal("tvm", hasty))
}
