package internal_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

var (
	metricName = regexp.MustCompile(`\bsleutelbos_[a-z_]*[a-z]\b`)
	// suffixes are what Prometheus adds to the name of a histogram.
	suffixes = regexp.MustCompile(`_(bucket|count|sum)$`)
)

// metricNames are the names in a text, each once.
func metricNames(text string) (names []string) {
	for _, name := range metricName.FindAllString(text, -1) {
		names = append(names, suffixes.ReplaceAllString(name, ""))
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// countedMetrics are the metrics that the code makes.
func countedMetrics(t *testing.T) []string {
	t.Helper()
	var code strings.Builder
	for _, file := range sources(t) {
		if !file.test() && (file.folder == "cmd/sleutelbos" || file.folder == "internal/server") {
			for _, literal := range regexp.MustCompile(`"sleutelbos_[a-z_]+"`).FindAllString(string(read(t, file.path)), -1) {
				code.WriteString(literal + "\n")
			}
		}
	}
	return metricNames(code.String())
}

func TestEveryMetricIsExplainedAndNoOther(t *testing.T) {
	t.Parallel()
	counted := countedMetrics(t)
	if len(counted) < 20 {
		t.Fatalf("%d metrics were found in the code: it is read wrongly", len(counted))
	}
	var explained strings.Builder
	for line := range strings.Lines(string(read(t, "docs/operations.md"))) {
		if first, rest, row := strings.Cut(strings.TrimPrefix(line, "| "), " | "); row && strings.HasPrefix(line, "| `sleutelbos_") {
			explained.WriteString(first + "\n")
			for _, name := range metricNames(rest) {
				if !slices.Contains(counted, name) {
					t.Errorf("docs/operations.md alerts on %s, which nobody counts", name)
				}
			}
		}
	}
	for _, name := range counted {
		if !slices.Contains(metricNames(explained.String()), name) {
			t.Errorf("%s isn't in the table of docs/operations.md: say what it tells, and when to be woken", name)
		}
	}
	for _, name := range metricNames(explained.String()) {
		if !slices.Contains(counted, name) {
			t.Errorf("docs/operations.md explains %s, which nobody counts", name)
		}
	}
}

func TestAlertsAndDashboardAskForMetricsThatThereAre(t *testing.T) {
	t.Parallel()
	counted := countedMetrics(t)
	alerts, board := read(t, "docs/operations/alerts.yaml"), read(t, "docs/operations/dashboard.json")
	var rules, panels map[string]any
	if err := yaml.Unmarshal(alerts, &rules); err != nil || rules["groups"] == nil {
		t.Errorf("alerts.yaml: %v", err)
	}
	if err := json.Unmarshal(board, &panels); err != nil || panels["panels"] == nil {
		t.Errorf("dashboard.json: %v", err)
	}
	for file, text := range map[string][]byte{"alerts.yaml": alerts, "dashboard.json": board} {
		for _, name := range metricNames(string(text)) {
			if !slices.Contains(counted, name) {
				t.Errorf("%s asks for %s, which nobody counts", file, name)
			}
		}
	}
	for _, name := range counted {
		if !slices.Contains(metricNames(string(board)), name) {
			t.Errorf("the dashboard doesn't show %s", name)
		}
	}
	for expression := range strings.Lines(string(alerts)) {
		if _, rule, is := strings.Cut(expression, "expr: "); is && !strings.Contains(strings.ReplaceAll(string(read(t, "docs/operations.md")), `\|`, "|"), "`"+strings.TrimSpace(rule)+"`") {
			t.Errorf("docs/operations.md doesn't have the alert %s", rule)
		}
	}
}
