package graph_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/sleutelbos/sleutelbos/internal/testrig"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

// A story in testdata/*.txtar is read top to bottom: prose, then sections. It is told to the whole server over HTTP, with
// real mail, once on each database. The clock begins at noon (UTC) of 11 June 2025 and moves when the story says so.
//
//	-- given --                  Who is there already; YAML, see story_given_test.go. Comes first.
//	-- (1) Anything --           A chapter. What is in it is prose.
//	-- jonnie asks --            A GraphQL document, sent from the browser named jonnie, which keeps its cookies.
//	-- jonnie's page asks --     The same, by itself: with X-Unattended.
//	-- jonnie hears --           The answer's data as JSON; or {"errors": […]} with the code, path and extensions of each,
//	                             in the order of their codes and paths.
//	-- thief takes jonnie's cookies --
//	-- jonnie goes to default -- To another portal, with cookies that claim to be of it. Everybody begins at the given portal.
//	-- jonnie speaks en --       In Accept-Language; -- jonnie uses Firefox -- in User-Agent.
//	-- robot shows {{token}} --  As an API token.
//	-- kees comes by eherkenning --  Through that provider of the portal, and back; YAML says as whom: subject, level, and what
//	                             else its row has claims for, by the keys of portal files.
//	-- kees stops at eherkenning --  The same, but for stopping there.
//	-- mail to jo@tvm.test --    The subject; below it, what must stand in the text.
//	-- no mail to jo@tvm.test --
//	-- jo@tvm.test refuses mail --   For good; until -- jo@tvm.test accepts mail --.
//	-- text to +31612345678 --   The text's first line; below it, what must stand in the rest.
//	-- no text to +31612345678 --
//	-- +31612345678 refuses texts with 21610 --   Twilio's code; until -- +31612345678 accepts texts --.
//	-- twilio says undelivered 30005 of +31612345678 --   Of the text to it that was told last.
//	-- receiver trusts {{secret}} --   A partner's program on this machine, at {{receiver}}, which has that secret.
//	-- receiver answers 503 410 --     To the next webhooks, one after the other; 204 after that.
//	-- receiver hears user.invited --  The next webhook, signed with that secret; its body as JSON.
//	-- receiver hears nothing --
//	-- jonnie downloads {{org}}.csv as first --   An export of an audit log; each line of the body must stand in it.
//	-- first proves 9:{{hash}} --   Like «sleutelbos audit verify FILE --head»; -- first lacks Firefox --.
//	-- clock +30s --             Or an instant: 2025-10-31T23:00:00Z. What has fallen due by then is done.
//	-- atosi's file says --      What changes in a portal's file, in its words; the server starts anew.
//
// {{name}} stands for something that isn't known beforehand. In an answer or a mail it takes the value where it first
// stands, and must be the same after that; in a question it gives the value. {{code phone}} is what the authenticator app
// with the secret {{phone}} shows, {{code phone +30s}} what it shows then. In an answer "*" is anything but null. A line
// that begins with # is a remark.
//
// Every mail and every text must be told, and whatever is named must be used.
func TestStories(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("there are no stories", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
				if err := tell(t, db, text); err != nil {
					t.Fatalf("%s:%v", file, err)
				}
			})
		})
	}
}

// section is a part of a story, with the line on which its heading stands.
type section struct {
	line          int
	heading, body string
}

func read(text []byte) []section {
	archive := txtar.Parse(text)
	line := 1 + strings.Count(string(archive.Comment), "\n")
	sections := make([]section, len(archive.Files))
	for i, file := range archive.Files {
		sections[i] = section{line, file.Name, string(file.Data)}
		line += 1 + strings.Count(string(file.Data), "\n")
	}
	return sections
}

// story is one that is being told.
type story struct {
	*rig.Rig
	// server is the one that answers, and portal the one that people go to.
	server   *rig.Rig
	portal   string
	browsers map[string]*rig.Browser
	keys     bunch
	memory   memory
	// asked is the answer that is still to be heard, and by whom.
	asked *question
	// mails are those that were told, by their place in the mailbox.
	mails map[int]bool
	// texts are those that were told, by the provider's id, and last the last one to each number.
	texts   map[string]bool
	last    map[string]testrig.Sms
	hooks   hooks
	exports map[string]string // downloaded audit logs, by name
	// moveTo moves the clock.
	moveTo func(time.Time)
	// together: other portals' stories are told on the same server, and only what the portal sent counts.
	together bool
}

type question struct {
	who    string
	answer rig.Answer
}

// tell tells a story; the error begins with the line on which it isn't true.
func tell(t *testing.T, db testrig.Database, text []byte) error {
	t.Helper()
	sections := read(text)
	policies, err := policiesOf(sections)
	if err != nil {
		return err
	}
	return newStory(rig.New(t, db, rig.WithPolicies(t, policies), rig.WithRegister(t))).tellAll(sections)
}

// newStory is one on that server.
func newStory(r *rig.Rig) *story {
	s := &story{
		Rig: r, browsers: map[string]*rig.Browser{}, mails: map[int]bool{}, texts: map[string]bool{}, last: map[string]testrig.Sms{},
	}
	s.memory.code, s.memory.key, s.server, s.portal, s.moveTo = s.code, s.key, s.Rig, "tvm", r.Clock.Set
	s.hooks.receiver = testrig.NewReceiver(r.T)
	s.memory.name("receiver", s.hooks.receiver.URL, true)
	return s
}

func (s *story) tellAll(sections []section) error {
	for _, section := range sections {
		if err := s.tell(section); err != nil {
			return fmt.Errorf("%d: %s: %w", section.line, section.heading, err)
		}
	}
	if err := s.end(); err != nil {
		return fmt.Errorf("%d: the end: %w", sections[len(sections)-1].line, err)
	}
	return nil
}

// telling tells one kind of section; words are those that the heading's pattern caught.
type telling func(s *story, words []string, body string) error

var grammar = []struct {
	heading *regexp.Regexp
	tell    telling
}{
	{regexp.MustCompile(`^given$`), (*story).given},
	{regexp.MustCompile(`^\(`), (*story).chapter},
	{regexp.MustCompile(`^(\w+) asks$`), (*story).asks},
	{regexp.MustCompile(`^(\w+)'s page asks$`), (*story).pageAsks},
	{regexp.MustCompile(`^(\w+) hears$`), (*story).hears},
	{regexp.MustCompile(`^(\w+) takes (\w+)'s cookies$`), (*story).takes},
	{regexp.MustCompile(`^(\w+) goes to (\w+)$`), (*story).goes},
	{regexp.MustCompile(`^(\w+) speaks (\S+)$`), (*story).speaks},
	{regexp.MustCompile(`^(\w+) shows (.+)$`), (*story).shows},
	{regexp.MustCompile(`^(\w+) comes by (\S+)$`), (*story).comes},
	{regexp.MustCompile(`^(\w+) stops at (\S+)$`), (*story).stops},
	{regexp.MustCompile(`^mail to (\S+)$`), (*story).mail},
	{regexp.MustCompile(`^no mail to (\S+)$`), (*story).noMail},
	{regexp.MustCompile(`^(\S+) refuses mail$`), (*story).refuses},
	{regexp.MustCompile(`^(\S+) accepts mail$`), (*story).accepts},
	{regexp.MustCompile(`^text to (\+\d+)$`), (*story).text},
	{regexp.MustCompile(`^no text to (\+\d+)$`), (*story).noText},
	{regexp.MustCompile(`^(\+\d+) refuses texts with (\d+)$`), (*story).refusesTexts},
	{regexp.MustCompile(`^(\+\d+) accepts texts$`), (*story).acceptsTexts},
	{regexp.MustCompile(`^twilio says (\w+)(?: (\d+))? of (\+\d+)$`), (*story).twilioSays},
	{regexp.MustCompile(`^receiver trusts (.+)$`), (*story).trusts},
	{regexp.MustCompile(`^receiver answers ([\d ]+)$`), (*story).receiverAnswers},
	{regexp.MustCompile(`^receiver hears (\S+)$`), (*story).receives},
	{regexp.MustCompile(`^(\w+) uses (.+)$`), (*story).uses},
	{regexp.MustCompile(`^(\w+) downloads (.+) as (\w+)$`), (*story).downloads},
	{regexp.MustCompile(`^(\w+) lacks (.+)$`), (*story).lacks},
	{regexp.MustCompile(`^(\w+) proves (\S+)$`), (*story).proves},
	{regexp.MustCompile(`^clock (\S+)$`), (*story).clock},
	{regexp.MustCompile(`^(\w+)'s file says$`), (*story).says},
}

func (s *story) tell(section section) error {
	for _, kind := range grammar {
		words := kind.heading.FindStringSubmatch(section.heading)
		if words == nil {
			continue
		}
		if s.asked != nil && section.heading != s.asked.who+" hears" {
			return fmt.Errorf("what %s hears is missing; it is\n%s", s.asked.who, s.paste(s.asked.answer))
		}
		return kind.tell(s, words[1:], remarks.ReplaceAllString(section.body, ""))
	}
	return fmt.Errorf("no section is called that: see the top of story_test.go")
}

var remarks = regexp.MustCompile(`(?m)^\s*#.*$`)

// end holds the story to having told everything.
func (s *story) end() error {
	if s.asked != nil {
		return fmt.Errorf("what %s hears is missing; it is\n%s", s.asked.who, s.paste(s.asked.answer))
	}
	s.Settle()
	for i, mail := range s.Mailbox.All() {
		if !s.mails[i] && s.isOurs(mail) {
			return fmt.Errorf("a mail to %s isn't told: %s\n%s", mail.To, mail.Subject, mail.Text)
		}
	}
	for _, text := range s.Phones.All() {
		if !s.texts[text.ID] && s.texted(text) {
			return fmt.Errorf("a text to %s isn't told: %s", text.To, text.Body)
		}
	}
	if err := s.hooks.end(); err != nil {
		return err
	}
	if unused := s.memory.unused(); len(unused) > 0 {
		return fmt.Errorf("named and never used (\"*\" would do): %s", strings.Join(unused, ", "))
	}
	return nil
}

// browser answers the one with that name, and opens it where it is new.
func (s *story) browser(name string) *rig.Browser {
	if s.browsers[name] == nil {
		s.browsers[name] = s.server.Browser(s.portal)
	}
	return s.browsers[name]
}

func (s *story) chapter([]string, string) error { return nil }

func (s *story) asks(words []string, body string) error {
	document, err := s.memory.fill(body)
	if err != nil {
		return err
	}
	s.asked = &question{words[0], s.browser(words[0]).Do(document)}
	if strings.Contains(body, "mutation") {
		s.Settle() // so that what follows doesn't hang on how fast a mail is
	}
	return nil
}

func (s *story) hears(_ []string, body string) error {
	if s.asked == nil {
		return fmt.Errorf("nobody asked")
	}
	answer := s.asked.answer
	s.asked = nil
	if differences := s.memory.compare(body, said(answer, strings.Contains(body, `"message"`))); len(differences) > 0 {
		return fmt.Errorf("\n  %s\nthe answer is\n%s", strings.Join(differences, "\n  "), s.paste(answer))
	}
	return nil
}

func (s *story) takes(words []string, _ string) error {
	s.browsers[words[0]] = s.browser(words[1]).Copy()
	return nil
}

func (s *story) goes(words []string, _ string) error {
	before := s.browser(words[0])
	after := s.server.Browser(words[1])
	for name, value := range before.Cookies() {
		after.SetCookie(strings.Replace(name, "__Host-"+before.Portal+"-", "__Host-"+after.Portal+"-", 1), value)
	}
	after.Header, after.Bearer = before.Header, before.Bearer
	s.browsers[words[0]] = after
	return nil
}

func (s *story) speaks(words []string, _ string) error {
	s.browser(words[0]).Header.Set("Accept-Language", words[1])
	return nil
}

func (s *story) shows(words []string, _ string) (err error) {
	s.browser(words[0]).Bearer, err = s.memory.fill(words[1])
	return err
}

// code is what an app shows by now.
func (s *story) code(secret string, after time.Duration) string {
	return s.Authenticator(secret).CodeAt(s.Clock.Now().Add(after))
}
