package mail

import (
	"bufio"
	"embed"
	"fmt"
	htmltemplate "html/template"
	"io"
	"net/textproto"
	"strings"
	"sync"
	"text/template"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

//go:embed templates
var files embed.FS

// templates are all mails there are.
type templates struct {
	text, html executor
	frames     map[identity.Language]*source
	mails      map[identity.Language]map[identity.MessageKind]*source
}

// executor is what text/template and html/template have in common.
type executor interface {
	Execute(w io.Writer, data any) error
}

// source is one file: named lines, an empty line, and for a mail the paragraphs before and after its button.
type source struct {
	lines         map[string]executor
	before, after executor
}

// buttonLine is the line of a mail's file where the button stands.
const buttonLine = "\n{{button}}\n"

// parsed reads the templates when the first letter is written, once.
var parsed = sync.OnceValues(parse)

func parse() (*templates, error) {
	all := &templates{
		frames: map[identity.Language]*source{},
		mails:  map[identity.Language]map[identity.MessageKind]*source{},
	}
	var err error
	if all.text, err = template.ParseFS(files, "templates/layout.txt"); err != nil {
		return nil, err
	}
	// All that varies is escaped here, in the one template that makes HTML.
	if all.html, err = htmltemplate.ParseFS(files, "templates/layout.html"); err != nil {
		return nil, err
	}
	for _, language := range []identity.Language{identity.Dutch, identity.English} {
		if err := all.parseLanguage(language); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (t *templates) parseLanguage(language identity.Language) (err error) {
	if t.frames[language], err = parseFile(language, "frame"); err != nil {
		return err
	}
	t.mails[language] = map[identity.MessageKind]*source{}
	for _, kind := range identity.MailKinds {
		mail, err := parseFile(language, strings.ToLower(string(kind)))
		if err != nil {
			return err
		}
		t.mails[language][kind] = mail
	}
	return nil
}

func parseFile(language identity.Language, name string) (*source, error) {
	path := fmt.Sprintf("templates/%s/%s.txt", language, name)
	content, err := files.ReadFile(path)
	if err != nil {
		return nil, err
	}
	parsed, err := parseSource(string(content))
	if err != nil {
		return nil, fmt.Errorf("read mail template %s: %w", path, err)
	}
	return parsed, nil
}

func parseSource(content string) (*source, error) {
	head, body, _ := strings.Cut(content, "\n\n")
	lines, err := textproto.NewReader(bufio.NewReader(strings.NewReader(head + "\n\n"))).ReadMIMEHeader()
	if err != nil {
		return nil, err
	}
	parsed := &source{lines: map[string]executor{}}
	for name, values := range lines {
		if parsed.lines[name], err = template.New(name).Parse(values[0]); err != nil {
			return nil, err
		}
	}
	before, after, _ := strings.Cut(body, buttonLine)
	if parsed.before, err = template.New("before the button").Parse(before); err != nil {
		return nil, err
	}
	parsed.after, err = template.New("after the button").Parse(after)
	return parsed, err
}
