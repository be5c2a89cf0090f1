package app

import (
	"context"
	"sync"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

// quotas are the requests that this process has set aside for API tokens, so that a request needn't write. In no window do
// all processes together admit more than the limit. They may admit less: each of the others can keep a lease, less one
// request, that it doesn't use. Two windows that follow each other can admit both their limits within less than a window.
type quotas struct {
	mutex  sync.Mutex
	leases map[identity.ID]*lease
}

// lease is what is set aside for one token in one window.
type lease struct {
	mutex  sync.Mutex
	window time.Time
	// taken counts what all processes had set aside when this one last asked, and left what is unused here.
	taken, left int
}

// mostLeases bounds the table. Past it those of windows that are over are forgotten.
const mostLeases = 16_384

// spend takes one request of the actor's token, or refuses until the window is over (RATE_LIMITED).
func (q *quotas) spend(ctx context.Context, db *store.DB, actor identity.Actor) (identity.Quota, error) {
	window, policy := actor.At.Truncate(identity.QuotaWindow), actor.Portal.API
	l := q.of(actor.Token.ID, window)
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.window.Before(window) {
		l.window, l.taken, l.left = window, 0, 0
	}
	if l.left == 0 && l.taken < policy.RequestsPerMinute {
		taken, at, err := db.SetRequestsAside(ctx, *actor.Token, l.window, policy.Lease(), actor.At)
		if err != nil {
			return policy.Quota(l.taken, 0, l.window, actor.At), err
		}
		l.window, l.taken, l.left = at, taken, policy.Leased(taken)
	}
	if l.left == 0 {
		quota := policy.Quota(l.taken, 0, l.window, actor.At)
		return quota, &identity.Error{Code: identity.RateLimited, RetryAfter: quota.ResetsIn}
	}
	l.left--
	return policy.Quota(l.taken, l.left, l.window, actor.At), nil
}

func (q *quotas) of(token identity.ID, window time.Time) *lease {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	if known := q.leases[token]; known != nil {
		return known
	}
	if q.leases == nil || len(q.leases) >= mostLeases {
		q.leases = map[identity.ID]*lease{}
	}
	fresh := &lease{window: window}
	q.leases[token] = fresh
	return fresh
}
