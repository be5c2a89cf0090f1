package graph_test

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

// uses makes a browser say what it is.
func (s *story) uses(words []string, _ string) error {
	s.browser(words[0]).Header.Set("User-Agent", words[1])
	return nil
}

// downloads fetches an export of an audit log; what the body has must stand in it, line by line.
func (s *story) downloads(words []string, body string) error {
	path, err := s.memory.fill(words[1])
	if err != nil {
		return err
	}
	response, text := s.browser(words[0]).Get("/audit/"+path, "Sec-Fetch-Site", "same-origin")
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("it is answered %d %s", response.StatusCode, text)
	}
	if s.exports == nil {
		s.exports = map[string]string{}
	}
	s.exports[words[2]] = text
	want, err := s.memory.fill(body)
	if err != nil {
		return err
	}
	for line := range strings.Lines(want) {
		if line = strings.TrimSpace(line); !strings.Contains(text, line) {
			return fmt.Errorf("%s doesn't stand in\n%s", line, text)
		}
	}
	return nil
}

// lacks tells what doesn't stand in an export.
func (s *story) lacks(words []string, _ string) error {
	if text, known := s.exports[words[0]]; !known || strings.Contains(text, words[1]) {
		return fmt.Errorf("%s stands in\n%s", words[1], text)
	}
	return nil
}

// proves checks an export as a customer does, against the head that was noted.
func (s *story) proves(words []string, _ string) error {
	noted, err := s.memory.fill(words[1])
	if err != nil {
		return err
	}
	_, err = rig.Proves(s.exports[words[0]], noted)
	return err
}
