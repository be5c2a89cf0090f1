package mail

import (
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

func TestThereIsOneFilePerMailAndLanguageAndNoOther(t *testing.T) {
	t.Parallel()
	want := []string{"frame.txt"}
	for _, kind := range identity.MailKinds {
		want = append(want, strings.ToLower(string(kind))+".txt")
	}
	slices.Sort(want)
	for _, language := range languages {
		entries, err := fs.ReadDir(files, "templates/"+string(language))
		if err != nil {
			t.Fatal(err)
		}
		var found []string
		for _, entry := range entries {
			found = append(found, entry.Name())
		}
		if diff := cmp.Diff(want, found); diff != "" {
			t.Errorf("%s: %s", language, diff)
		}
	}
}

func TestEveryFileHasTheLinesItNeedsAndNoOther(t *testing.T) {
	t.Parallel()
	all, err := parsed()
	if err != nil {
		t.Fatal(err)
	}
	check := func(what string, got *source, want ...string) {
		if diff := cmp.Diff(want, slices.Sorted(maps.Keys(got.lines))); diff != "" {
			t.Errorf("%s: %s", what, diff)
		}
	}
	for _, language := range languages {
		check(string(language)+" frame", all.frames[language],
			"Closing", "Contact", "Copy", "Expiry", "Greeting", "Questions", "Reason")
		for _, kind := range identity.MailKinds {
			want := []string{"Button", "Preview", "Subject"}
			if kind == identity.ContactCodeMessage || kind == identity.RegistrationMessage { // which have reasons of their own to be sent
				want = []string{"Button", "Preview", "Reason", "Subject"}
			}
			check(string(language)+" "+string(kind), all.mails[language][kind], want...)
		}
	}
}

func TestAFileWithAMistakeIsAnError(t *testing.T) {
	t.Parallel()
	for _, content := range []string{
		"no head\n\nbody", "Subject: {{.Name\n\nbody", "Subject: x\n\n{{if .Name}}before\n{{button}}\nafter{{end}}", "Subject: x\n\n{{button}",
		"Subject: x\n\nno line of its own: {{button}}",
	} {
		if _, err := parseSource(content); err == nil {
			t.Errorf("want an error for %q", content)
		}
	}
	broken, err := parseSource("Subject: {{.Nmae}}\n\nbody")
	if err != nil {
		t.Fatal(err)
	}
	w := &writer{facts: new(facts)}
	if w.line(broken, "Subject"); w.err == nil || !strings.Contains(w.err.Error(), "Nmae") {
		t.Error("want an error that names what isn't there, got", w.err)
	}
	w = &writer{facts: new(facts)}
	if w.line(broken, "Button"); w.err == nil || !strings.Contains(w.err.Error(), "Button") {
		t.Error("want an error that names the missing line, got", w.err)
	}
}

func TestEveryMailCanBeWrittenForThePlainestPortal(t *testing.T) {
	t.Parallel()
	everyMail(t, func(t *testing.T, kind identity.MessageKind, language identity.Language) {
		full := examplePortal(t)
		portal := identity.Portal{Name: full.Name, SPA: full.SPA, Mail: identity.MailSender{FromAddress: "online@voorbeeld.nl"}}
		message := exampleMessage(kind, language)
		message.Name = ""
		letter := mustRender(t, portal, message)
		if strings.Contains(letter.Text, "\n\n\n") || strings.Contains(letter.Text, " ,") || strings.Contains(letter.Text, ": \n") || strings.Contains(letter.Text, "\n ") ||
			letter.From.Name != portal.Name || !strings.Contains(letter.Text, "---\n"+portal.Name) {
			t.Error("something missing leaves a gap:", letter.Text)
		}
	})
}
