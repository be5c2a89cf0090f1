package graph_test

import (
	"fmt"
	"net/http"
	"strings"

	"go.yaml.in/yaml/v3"
)

// comes brings a browser through an identification provider and back, as somebody of whom that is said.
func (s *story) comes(words []string, body string) error {
	body, err := s.memory.fill(body)
	if err != nil {
		return err
	}
	said := map[string]string{}
	if err := yaml.Unmarshal([]byte(body), &said); err != nil {
		return err
	}
	browser := s.browser(words[0])
	if _, known := s.Portal(browser.Portal).Provider(words[1]); !known {
		return fmt.Errorf("the portal %s has no provider called that", browser.Portal)
	}
	return s.back(browser.ComeBy(words[1], said))
}

// stops brings a browser to a provider, where somebody stops, and back.
func (s *story) stops(words []string, _ string) error {
	return s.back(s.browser(words[0]).StopAt(words[1]))
}

func (s *story) back(status int, location string) error {
	s.Settle()
	if status != http.StatusSeeOther || !strings.HasSuffix(location, "/welcome") {
		return fmt.Errorf("back with %d at %s", status, location)
	}
	return nil
}
