package config

import (
	"cmp"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
)

// Fault is one thing wrong in what the operator wrote. It never holds the value of a setting that can be a secret.
type Fault struct {
	// File is the portal file, or "" for the environment.
	File string
	// Line in the file, from 1; 0 where there is none.
	Line int
	// Setting is the environment variable, or the path of keys in the file ("twoFactor.startedBy"); "" for a file as a whole.
	Setting string
	// Text continues the sentence that Setting begins: what is wrong, and what is allowed.
	Text string
}

// Error is the fault on one line.
func (f *Fault) Error() string {
	sentence := strings.TrimSpace(f.Setting + " " + f.Text)
	switch {
	case f.File == "":
		return sentence
	case f.Line == 0:
		return f.File + ": " + sentence
	}
	return fmt.Sprintf("%s:%d: %s", f.File, f.Line, sentence)
}

// faults collects.
type faults []*Fault

func (f *faults) add(fault Fault) { *f = append(*f, &fault) }

// within puts a folder before the file names.
func (f faults) within(folder string) {
	for _, fault := range f {
		fault.File = path.Join(folder, fault.File)
	}
}

// err joins the faults in the order in which a person mends them, or is nil.
func (f faults) err() error {
	slices.SortStableFunc(f, func(a, b *Fault) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Setting, b.Setting))
	})
	joined := make([]error, 0, len(f))
	for _, fault := range f {
		joined = append(joined, fault)
	}
	return errors.Join(joined...)
}

// unknown says that there is no such name, and which one was probably meant.
func unknown(name string, known []string) string {
	if near, found := nearest(name, known); found {
		return "is unknown; did you mean " + near + "?"
	}
	return "is unknown; allowed: " + strings.Join(known, ", ")
}
