package config

import "strings"

// nearest finds the known name that somebody who typed this one probably meant: at most a third of it, and at least two
// letters, may be wrong.
func nearest(typed string, known []string) (string, bool) {
	best, least := "", max(2, len(typed)/3)+1
	for _, name := range known {
		if d := distance(strings.ToLower(typed), strings.ToLower(name), least); d < least {
			best, least = name, d
		}
	}
	return best, best != ""
}

// distance is Levenshtein's, in bytes; past the limit any number from the limit on.
func distance(a, b string, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
