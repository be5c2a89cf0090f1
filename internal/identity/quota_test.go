package identity

import (
	"testing"
	"time"
)

func TestALeaseIsATwentiethAndStaysWithinTheLimit(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ limit, lease, taken, leased int }{
		{600, 30, 30, 30}, {600, 30, 600, 30}, {600, 30, 610, 20}, {600, 30, 630, 0}, {600, 30, 6000, 0}, {1, 1, 1, 1}, {1, 1, 2, 0}, {19, 1, 19, 1},
	} {
		policy := APIPolicy{RequestsPerMinute: row.limit}
		if lease, leased := policy.Lease(), policy.Leased(row.taken); lease != row.lease || leased != row.leased {
			t.Errorf("of %d, with %d taken: %d of %d", row.limit, row.taken, leased, lease)
		}
	}
}

func TestAQuotaTellsWhatIsLeftAndUntilWhen(t *testing.T) {
	t.Parallel()
	got := APIPolicy{RequestsPerMinute: 600}.Quota(90, 12, noon, noon.Add(45*time.Second))
	if want := (Quota{Limit: 600, Remaining: 522, ResetsIn: 15 * time.Second}); got != want {
		t.Errorf("told %v, want %v", got, want)
	}
	if late := (APIPolicy{RequestsPerMinute: 600}).Quota(700, 0, noon, noon.Add(time.Hour)); late.Remaining != 0 || late.ResetsIn != 0 {
		t.Errorf("told %v", late)
	}
}
