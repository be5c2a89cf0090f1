package graph_test

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/sleutelbos/sleutelbos/internal/testrig"
)

// hooks is what a story tells of webhooks; see story_test.go.
type hooks struct {
	receiver *testrig.Receiver
	secret   string
	// told counts the webhooks that were.
	told int
}

func (s *story) trusts(words []string, _ string) (err error) {
	s.hooks.secret, err = s.memory.fill(words[0])
	return err
}

func (s *story) receiverAnswers(words []string, _ string) error {
	for text := range strings.FieldsSeq(words[0]) {
		status, err := strconv.Atoi(text)
		if err != nil {
			return err
		}
		s.hooks.receiver.Answer(testrig.AnswerWith(status))
	}
	return nil
}

// receives tells the next webhook.
func (s *story) receives(words []string, body string) error {
	s.Settle()
	all := s.hooks.receiver.All()[s.hooks.told:]
	switch {
	case words[0] == "nothing" && len(all) == 0:
		return nil
	case words[0] == "nothing":
		return fmt.Errorf("it hears\n%s", all[0].Body)
	case len(all) == 0:
		return fmt.Errorf("it hears nothing")
	}
	s.hooks.told++
	next := all[0]
	if err := next.Verify(s.hooks.secret); err != nil {
		return err
	}
	if sent, now := next.Header.Get("webhook-timestamp"), s.Clock.Now().Unix(); sent != strconv.FormatInt(now, 10) {
		return fmt.Errorf("it was sent at %s, want %d", sent, now)
	}
	if next.Event().Type != words[0] || next.Event().Data.ID != next.ID {
		return fmt.Errorf("it hears, as %s,\n%s", next.ID, next.Body)
	}
	if strings.TrimSpace(body) == "" {
		return nil
	}
	var event map[string]any
	decoder := json.NewDecoder(strings.NewReader(string(next.Body)))
	decoder.UseNumber()
	if err := decoder.Decode(&event); err != nil {
		return err
	}
	if differences := s.memory.compare(body, event); len(differences) > 0 {
		return fmt.Errorf("\n  %s\nit is\n%s", strings.Join(differences, "\n  "), next.Body)
	}
	return nil
}

// end holds the story to having told every webhook.
func (h *hooks) end() error {
	if all := h.receiver.All(); len(all) > h.told {
		return fmt.Errorf("a webhook isn't told:\n%s", all[h.told].Body)
	}
	return nil
}
