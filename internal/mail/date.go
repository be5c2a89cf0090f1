package mail

import (
	"fmt"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

var dutchMonths = [...]string{
	"januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november", "december",
}

// sayDate tells an instant to the minute: "24 juni 2025 om 14:27 uur", "24 June 2025 at 14:27". Without a zone it is told
// in UTC, and says so.
func sayDate(language identity.Language, instant time.Time, zone *time.Location) string {
	suffix := ""
	if zone == nil {
		zone, suffix = time.UTC, " UTC"
	}
	local := instant.In(zone)
	if language == identity.Dutch {
		return fmt.Sprintf("%d %s %d om %s uur%s", local.Day(), dutchMonths[local.Month()-1], local.Year(), local.Format("15:04"), suffix)
	}
	return local.Format("2 January 2006 at 15:04") + suffix
}
