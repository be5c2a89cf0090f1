package config

import (
	"fmt"
	"strconv"
	"time"
	_ "time/tzdata" // a portal's zone, and the default one, exist on every machine
)

// units, longest first. A day is 24 hours.
var units = []struct {
	sign string
	time.Duration
}{{"d", 24 * time.Hour}, {"h", time.Hour}, {"m", time.Minute}, {"s", time.Second}}

// lasting reads a duration: a whole number and a unit.
func lasting(least, most time.Duration) reader[time.Duration] {
	allowed := fmt.Sprintf("a duration such as 90s, 30m, 12h or 7d, from %s to %s", span(least), span(most))
	return scalar("!!str", allowed, func(text string) (time.Duration, bool) {
		value, ok := parseSpan(text)
		return value, ok && value >= least && value <= most
	})
}

func parseSpan(text string) (time.Duration, bool) {
	for _, unit := range units {
		digits := len(text) - len(unit.sign)
		if digits < 1 || text[digits:] != unit.sign {
			continue
		}
		count, err := strconv.ParseUint(text[:digits], 10, 16) // 65535 days fit a Duration
		return time.Duration(count) * unit.Duration, err == nil
	}
	return 0, false
}

// span writes a duration as a portal file would.
func span(d time.Duration) string {
	for _, unit := range units {
		if d >= unit.Duration && d%unit.Duration == 0 {
			return strconv.FormatInt(int64(d/unit.Duration), 10) + unit.sign
		}
	}
	return d.String()
}

// zone reads the name of a time zone in the IANA database.
var zone = scalar("!!str", "a time zone such as Europe/Amsterdam", func(text string) (*time.Location, bool) {
	if text == "" || text == "Local" { // Go's own names for UTC and for whatever the machine is set to
		return nil, false
	}
	location, err := time.LoadLocation(text)
	return location, err == nil
})

// amsterdam is where the portals that this was made for are.
func amsterdam() *time.Location {
	location, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		panic(fmt.Sprintf("config: the embedded time zones lack Europe/Amsterdam: %v", err))
	}
	return location
}

// instant reads a date, which is its midnight in the portal's zone, or an instant with a zone of its own. The zone is a
// pointer to where it will stand once timeZone is read.
func instant(in **time.Location) reader[time.Time] {
	const allowed = "a date such as 2025-11-01, which begins at midnight in timeZone, or an instant such as 2025-11-01T09:00:00+01:00"
	return scalar("!!timestamp|!!str", allowed, func(text string) (time.Time, bool) {
		at, err := time.ParseInLocation(time.DateOnly, text, *in)
		if err != nil {
			at, err = time.Parse(time.RFC3339, text)
		}
		return at.In(*in), err == nil && at.Year() >= 2000 && at.Year() < 2200
	})
}
