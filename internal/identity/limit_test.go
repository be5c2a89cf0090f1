package identity

import (
	"math"
	"testing"
)

func TestOneMoreAccountFitsBelowTheLimit(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		sentence string
		maximum  *int
		used     int
		want     Code
	}{
		{"the fifth of five fits", pointer(5), 4, ""},
		{"the sixth doesn't", pointer(5), 5, AccountLimitReached},
		{"nor any where the limit was lowered below what is in use", pointer(5), 9, AccountLimitReached},
		{"the first of one fits", pointer(1), 0, ""},
		{"a second for the same company doesn't", pointer(1), 1, AccountLimitReached},
		{"without a limit every one fits", nil, math.MaxInt, ""},
	} {
		t.Run(row.sentence, func(t *testing.T) {
			t.Parallel()
			refused(t, AccountLimit{Maximum: row.maximum, Used: row.used}.Admit(), row.want)
		})
	}
}

func TestALimitLeavesRoomForTheMainUser(t *testing.T) {
	t.Parallel()
	for maximum, want := range map[int]Code{
		math.MinInt: InvalidInput, -1: InvalidInput, 0: InvalidInput, 1: "", 1_000_000: "", 1_000_001: InvalidInput,
	} {
		refused(t, CheckAccountMaximum(&maximum), want)
	}
	refused(t, CheckAccountMaximum(nil), "")
}
