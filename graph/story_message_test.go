package graph_test

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/sleutelbos/sleutelbos/internal/testrig"
)

// What stories tell of mails and texts; see story_test.go.

// mail finds the first mail to that address, with that subject, that wasn't told yet.
func (s *story) mail(words []string, body string) error {
	s.Settle()
	subject, text, _ := strings.Cut(strings.TrimSpace(body), "\n")
	var others []string
	for i, mail := range s.Mailbox.All() {
		if s.mails[i] || !strings.EqualFold(mail.To, words[0]) || !s.isOurs(mail) {
			continue
		}
		if !s.memory.is(subject, mail.Subject) {
			others = append(others, mail.Subject)
			continue
		}
		s.mails[i] = true
		for line := range strings.Lines(text) {
			if line = strings.TrimSpace(line); line != "" && !s.memory.finds(line, mail.Text) {
				return fmt.Errorf("«%s» isn't in the text:\n%s", line, mail.Text)
			}
		}
		return nil
	}
	return fmt.Errorf("there is none called «%s», but these: %q", subject, slices.Compact(others))
}

// isOurs tells whether a mail is of this story.
func (s *story) isOurs(mail testrig.Mail) bool {
	return !s.together || mail.From == string(s.Portal(s.portal).Mail.FromAddress)
}

// texted tells whether a text is.
func (s *story) texted(text testrig.Sms) bool {
	return !s.together || strings.Contains(text.StatusURL, s.Portal(s.portal).Hosts[0])
}

func (s *story) noMail(words []string, _ string) error {
	s.Settle()
	for i, mail := range s.Mailbox.All() {
		if !s.mails[i] && strings.EqualFold(mail.To, words[0]) && s.isOurs(mail) {
			return fmt.Errorf("there is one: %s", mail.Subject)
		}
	}
	return nil
}

func (s *story) refuses(words []string, _ string) error {
	s.Mailbox.Refuse(words[0], 550, "5.1.1 no such mailbox")
	return nil
}

func (s *story) accepts(words []string, _ string) error {
	s.Mailbox.Accept(words[0])
	return nil
}

// text finds the first text to that number that wasn't told yet.
func (s *story) text(words []string, body string) error {
	s.Settle()
	first, rest, _ := strings.Cut(strings.TrimSpace(body), "\n")
	for _, text := range s.Phones.All() {
		if s.texts[text.ID] || text.To != words[0] || !s.texted(text) {
			continue
		}
		s.texts[text.ID], s.last[text.To] = true, text
		line, behind, _ := strings.Cut(text.Body, "\n")
		if !s.memory.is(first, line) {
			return fmt.Errorf("it begins with «%s»", line)
		}
		for told := range strings.Lines(rest) {
			if told = strings.TrimSpace(told); told != "" && !s.memory.finds(told, behind) {
				return fmt.Errorf("«%s» isn't in the rest of it:\n%s", told, behind)
			}
		}
		return nil
	}
	return fmt.Errorf("there is none")
}

func (s *story) noText(words []string, _ string) error {
	s.Settle()
	for _, text := range s.Phones.All() {
		if !s.texts[text.ID] && text.To == words[0] {
			return fmt.Errorf("there is one: %s", text.Body)
		}
	}
	return nil
}

func (s *story) refusesTexts(words []string, _ string) error {
	code, err := strconv.Atoi(words[1])
	s.Phones.Refuse(words[0], http.StatusBadRequest, code, -1)
	return err
}

func (s *story) acceptsTexts(words []string, _ string) error {
	s.Phones.Accept(words[0])
	return nil
}

func (s *story) twilioSays(words []string, _ string) error {
	text, told := s.last[words[2]]
	if !told {
		return fmt.Errorf("no text to that number was told")
	}
	fault, _ := strconv.Atoi(words[1]) // none is 0
	if status := s.ReportText(text, words[0], fault); status != http.StatusNoContent {
		return fmt.Errorf("the server answers %d", status)
	}
	return nil
}
