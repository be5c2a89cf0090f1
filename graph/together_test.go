package graph_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/testrig"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

// The five portals' whole journeys, told at once to one server that has all five portal files; what one does is seen in no
// other. Their people have the same names, user names, organisations and KVK numbers.
func TestTheFivePortalsLiveOnOneServerAndDontSeeEachOther(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		db.Clock.Set(time.Date(2022, time.January, 10, 11, 0, 0, 0, time.UTC)) // before the first of the portals' dates
		r := rig.New(t, db, rig.WithRegister(t))
		tellTogether(t, r)
		if strangers := one(r, "SELECT count(*) FROM users WHERE email LIKE '%.test' AND email NOT LIKE '%@' || portal || '.test'"); strangers != "0" {
			t.Errorf("%s users are in another portal than theirs", strangers)
		}
		for _, mail := range r.Mailbox.All() {
			for _, portal := range r.Portals {
				if mail.From == string(portal.Mail.FromAddress) && !strings.Contains(mail.To, "@"+portal.Slug+".") {
					t.Errorf("%s writes to %s: %s", portal.Slug, mail.To, mail.Subject)
				}
			}
		}
	})
}

// tellTogether tells the stories in testdata/together at once.
func tellTogether(t *testing.T, r *rig.Rig) {
	t.Helper()
	files, err := filepath.Glob("testdata/together/*.txtar")
	if err != nil || len(files) != 5 {
		t.Fatal("there aren't five stories", files, err)
	}
	line := &timeline{clock: r.Clock, live: len(files), waiting: map[chan struct{}]time.Time{}}
	faults := make([]error, len(files))
	var all sync.WaitGroup
	for i, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		s := newStory(r)
		s.together, s.moveTo = true, line.moveTo
		all.Go(func() {
			defer line.leave()
			faults[i] = fmt.Errorf("%s was broken off", file)
			if faults[i] = s.tellAll(read(text)); faults[i] == nil {
				wantNobodyElsewhere(t, s)
			}
		})
	}
	all.Wait()
	for i, fault := range faults {
		if fault != nil {
			t.Errorf("%s:%v", files[i], fault)
		}
	}
}

// wantNobodyElsewhere takes what a story's browsers and programs have to all other portals: there they are nobody.
func wantNobodyElsewhere(t *testing.T, s *story) {
	t.Helper()
	const who = `{ viewer { user { id } } currentSignIn { __typename } }`
	signedIn := 0
	for name, browser := range s.browsers {
		if browser.Do(who).String("viewer.user.id") != "" {
			signedIn++
		}
		for _, other := range s.Portals {
			if other.Slug == s.portal {
				continue
			}
			_ = s.goes([]string{name, other.Slug}, "") // never fails
			if answer := s.browsers[name].Do(who); answer.String("viewer.user.id") != "" || answer.String("currentSignIn.__typename") != "" {
				t.Errorf("%s of %s is somebody in %s: %s", name, s.portal, other.Slug, answer.Text)
			}
			if answer := s.browsers[name].Do(`{ organisations { totalCount } }`); denied(answer) == "" {
				t.Errorf("%s of %s sees organisations of %s: %s", name, s.portal, other.Slug, answer.Text)
			}
			s.browsers[name] = browser
		}
	}
	if signedIn == 0 {
		t.Errorf("nobody is signed in in %s at the end: nothing was tried", s.portal)
	}
}

// timeline is the one clock of stories that are told at once. It moves when all of them wait for it, to the earliest instant
// that one waits for.
type timeline struct {
	clock *testrig.Clock

	mutex   sync.Mutex
	live    int
	waiting map[chan struct{}]time.Time
}

// moveTo waits until it is that late.
func (l *timeline) moveTo(at time.Time) {
	come := make(chan struct{})
	l.mutex.Lock()
	l.waiting[come] = at
	l.move()
	l.mutex.Unlock()
	<-come
}

// leave is called at the end of a story.
func (l *timeline) leave() {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.live--
	l.move()
}

func (l *timeline) move() {
	if len(l.waiting) < l.live || l.live == 0 {
		return
	}
	var next time.Time
	for _, at := range l.waiting {
		if next.IsZero() || at.Before(next) {
			next = at
		}
	}
	l.clock.Set(next)
	for come, at := range l.waiting {
		if at.Equal(next) {
			delete(l.waiting, come)
			close(come)
		}
	}
}
