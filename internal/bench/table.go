package main

import (
	"fmt"
	"io"
	"math"
	"os"
	"runtime"
	"strings"
	"text/tabwriter"
	"time"
)

// table is the lines measured so far.
type table struct{ lines [][]string }

// compare adds what was measured against a floor: at least that share of it is wanted.
func (t *table) compare(work, database string, d duel, least float64) {
	t.add(work, database, perSecond(d.floor), perSecond(d.product), fmt.Sprintf("%.2f", d.ratio), fmt.Sprintf("≥ %.2f", least),
		verdict(d.ratio >= least), d.work(), d.slowest.Round(10*time.Microsecond).String())
}

// growth adds how much slower the product is in the larger town: at most that many times.
func (t *table) growth(work, database string, d duel, most float64) {
	times := 1 / d.ratio
	t.add(work, database, perSecond(d.floor), perSecond(d.product), fmt.Sprintf("%.2f×", times), fmt.Sprintf("≤ %.2f×", most),
		verdict(times <= most), d.work(), d.slowest.Round(10*time.Microsecond).String())
}

// limit adds a figure that stands by itself.
func (t *table) limit(work, database string, value, most float64, unit string) {
	t.add(work, database, "–", fmt.Sprintf("%.0f %s", value, unit), "–", fmt.Sprintf("≤ %.0f %s", most, unit), verdict(value <= most), "–", "–")
}

func (t *table) add(cells ...string) {
	t.lines = append(t.lines, cells)
	fmt.Fprintln(os.Stderr, "  "+strings.Join(cells, "  "))
}

// work is what an answer of the floor and one of the product cost.
func (d duel) work() string {
	switch {
	case d.productWork == 0:
		return "–"
	case d.floorWork == 0:
		return fmt.Sprintf("– → %d µs", d.productWork.Microseconds())
	}
	return fmt.Sprintf("%d → %d µs", d.floorWork.Microseconds(), d.productWork.Microseconds())
}

func perSecond(rate float64) string { return fmt.Sprintf("%.0f/s", math.Round(rate)) }

func verdict(met bool) string {
	if met {
		return "met"
	}
	return "SHORT"
}

// print writes the table in Markdown.
func (t *table) print(w io.Writer) {
	fmt.Fprintf(w, "\n%s, %s/%s, %d cores, %s\n\n", time.Now().UTC().Format("2006-01-02 15:04 MST"), runtime.GOOS, runtime.GOARCH,
		runtime.NumCPU(), runtime.Version())
	columns := tabwriter.NewWriter(w, 0, 0, 1, ' ', 0)
	heads := []string{"work", "database", "floor", "product", "ratio", "wanted", "", "CPU an answer", "p99"}
	fmt.Fprintln(columns, "| "+strings.Join(heads, "\t| ")+"\t|")
	fmt.Fprintln(columns, strings.Repeat("|---\t", len(heads))+"|")
	for _, line := range t.lines {
		fmt.Fprintln(columns, "| "+strings.Join(line, "\t| ")+"\t|")
	}
	_ = columns.Flush()
	fmt.Fprintln(w, "\nCPU: of server and database, floor → product. p99: the product's; in (d) the time to the commit, not to the last mail.")
}
