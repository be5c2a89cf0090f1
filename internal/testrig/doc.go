// Package testrig is what tests stand on: both databases, a clock that stands still until it is told to move, and dice
// that always fall the same way.
//
//	func TestAnInvitationExpires(t *testing.T) {
//		t.Parallel()
//		testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
//			…
//			db.Clock.Advance(7 * 24 * time.Hour)
//		})
//	}
package testrig
