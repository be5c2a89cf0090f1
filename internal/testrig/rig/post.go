package rig

import (
	"context"
	"sync"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/outbox"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
)

// post tells whoever waits that something happened to a message.
type post struct {
	mutex sync.Mutex
	// news is closed, and replaced, whenever a try to deliver a message ended.
	news chan struct{}
}

func newPost() *post { return &post{news: make(chan struct{})} }

func (p *post) observe(outbox.Outcome, time.Duration) { p.tell() }

func (p *post) checked(bool) { p.tell() }

func (p *post) tell() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	close(p.news)
	p.news = make(chan struct{})
}

func (p *post) next() <-chan struct{} {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.news
}

// patience is how long Settle waits. It is only ever spent by a test that fails.
const patience = 30 * time.Second

// Settle waits until nothing is left to be delivered: every message so far is in the mailbox, or was refused for good. With
// a trade register, it waits for its answers too.
func (r *Rig) Settle() {
	r.T.Helper()
	deadline := time.After(patience)
	r.box.LookForWebhooks() // the clock may have moved
	for {
		news := r.post.next()
		queued := r.queued("messages WHERE state = 'QUEUED'")
		if r.TradeRegister != nil {
			queued += r.queued("business_identities WHERE register_status = 'UNVERIFIED'")
		}
		queued += r.webhooksLeft()
		if queued == 0 {
			return
		}
		select {
		case <-news:
		case <-deadline:
			r.T.Fatalf("%d messages or checks are still to be delivered after %s", queued, patience)
		}
	}
}

// ReportText has the provider tell what became of a text, as it does: signed, to the address that came with the text.
func (r *Rig) ReportText(text testrig.Sms, status string, fault int) int {
	r.T.Helper()
	form := testrig.Report(text, status, fault)
	answer, err := testrig.PostReport(r.URL, text.StatusURL, form, testrig.Sign(testrig.TwilioToken, text.StatusURL, form))
	r.must(err)
	return answer
}

func (r *Rig) queued(what string) (count int) {
	r.T.Helper()
	r.must(r.Database.SystemSQL().QueryRowContext(context.Background(), "SELECT count(*) FROM "+what).Scan(&count))
	return count
}
