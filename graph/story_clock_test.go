package graph_test

import (
	"errors"
	"fmt"
	"time"
)

func (s *story) clock(words []string, _ string) error {
	if by, err := time.ParseDuration(words[0]); err == nil {
		s.moveTo(s.Clock.Now().Add(by))
		return s.due()
	}
	at, err := time.Parse(time.RFC3339, words[0])
	if err == nil && at.Before(s.Clock.Now()) {
		return fmt.Errorf("the clock is at %s already", s.Clock.Now().Format(time.RFC3339))
	}
	s.moveTo(at)
	return errors.Join(err, s.due())
}

// due does what has fallen due, as the server does within a minute.
func (s *story) due() error {
	for _, portal := range s.server.Portals {
		if err := s.server.App.PerformDue(s.T.Context(), portal); err != nil {
			return err
		}
	}
	return nil
}

// pageAsks asks without anybody being there.
func (s *story) pageAsks(words []string, body string) error {
	header := s.browser(words[0]).Header
	header.Set("X-Unattended", "true")
	defer header.Del("X-Unattended")
	return s.asks(words, body)
}
