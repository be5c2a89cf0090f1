package main

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

func TestTheExitCodeSaysWhoMadeTheMistake(t *testing.T) {
	t.Parallel()
	nowhere := "SLEUTELBOS_PORTALS=" + t.TempDir() + "/nowhere"
	for arguments, want := range map[string]int{
		"":                     0,
		"help":                 0,
		"help serve":           0,
		"serve --help":         0,
		"version":              0,
		"help nothing":         2,
		"nothing":              2,
		"portal":               2,
		"portal check":         2,
		"portal check a b":     2,
		"serve now":            2,
		"serve --fast":         2,
		"token create":         2,
		"portal check nowhere": 1,
		"serve":                1,
		"audit verify":         1,
	} {
		var out, faults strings.Builder
		got := execute(context.Background(), shell{&out, &faults, []string{nowhere}}, strings.Fields(arguments))
		if got != want {
			t.Errorf("sleutelbos %s: exit %d, want %d", arguments, got, want)
		}
		if want == 0 && faults.Len() > 0 && arguments != "serve --help" || want > 0 && (faults.Len() == 0 || out.Len() > 0) {
			t.Errorf("sleutelbos %s: on standard output %q, on standard error %q", arguments, out.String(), faults.String())
		}
	}
}

func TestEveryCommandExplainsItselfInWholeSentences(t *testing.T) {
	t.Parallel()
	for _, one := range commands() {
		var out strings.Builder
		if code := execute(context.Background(), shell{stdout: &out, stderr: &out}, append([]string{"help"}, strings.Fields(one.name)...)); code != 0 {
			t.Errorf("help %s: exit %d", one.name, code)
		}
		if text := out.String(); !strings.HasPrefix(text, "usage: sleutelbos "+one.name) || !strings.Contains(text, ".\n") || one.summary == "" {
			t.Errorf("help %s says %q", one.name, text)
		}
	}
}

func TestWorkTakesAWholeNumberOfPaces(t *testing.T) {
	t.Parallel()
	began, worked := time.Now(), false
	if err := steadily(t.Context(), func() error { worked = true; return errUsage }); !errors.Is(err, errUsage) || !worked {
		t.Errorf("worked: %t, error %v", worked, err)
	}
	if took := time.Since(began); took < pace {
		t.Errorf("it came back after %s, so its time tells how long the work took", took)
	}
	hurried, cancel := context.WithCancel(t.Context())
	cancel()
	if err := steadily(hurried, func() error { return nil }); err != nil {
		t.Error(err)
	}
}
