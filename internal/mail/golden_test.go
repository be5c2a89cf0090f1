package mail

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jhillyerd/enmime/v2"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

var update = flag.Bool("update", false, "write the goldens anew")

func TestEveryMailReadsAsItsGoldens(t *testing.T) {
	t.Parallel()
	everyMail(t, func(t *testing.T, kind identity.MessageKind, language identity.Language) {
		letter := mustRender(t, examplePortal(t), exampleMessage(kind, language))
		raw := written(t, letter)
		head, _, _ := strings.Cut(raw, "\r\n\r\n")
		path := filepath.Join("testdata", "golden", string(language), strings.ToLower(string(kind)))
		checkGolden(t, path+".txt", strings.ReplaceAll(head, "\r\n", "\n")+"\n\n"+letter.Text)
		checkGolden(t, path+".html", letter.HTML)

		// What arrives is what was written.
		envelope, err := enmime.ReadEnvelope(strings.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		if len(envelope.Errors) > 0 {
			t.Error("a mail program would complain:", envelope.Errors)
		}
		if diff := cmp.Diff(letter.Text, strings.ReplaceAll(envelope.Text, "\r\n", "\n")); diff != "" {
			t.Error("the text changed on its way:", diff)
		}
		if diff := cmp.Diff(letter.HTML, strings.ReplaceAll(envelope.HTML, "\r\n", "\n")); diff != "" {
			t.Error("the HTML changed on its way:", diff)
		}
		if got := envelope.GetHeader("Subject"); got != letter.Subject {
			t.Errorf("the subject became %q", got)
		}
	})
}

func checkGolden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (go test ./internal/mail -update, if the change is meant):\n%s", path, diff)
	}
}

func TestNoGoldenIsLeftBehind(t *testing.T) {
	t.Parallel()
	found, err := filepath.Glob("testdata/golden/*/*")
	if err != nil {
		t.Fatal(err)
	}
	if want := 2 * len(languages) * len(identity.MailKinds); len(found) != want {
		t.Errorf("%d goldens, want %d", len(found), want)
	}
}
