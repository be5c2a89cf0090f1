package main

import (
	"context"
	"flag"
	"fmt"
	"runtime/debug"
)

var versionCommand = command{
	name: "version", summary: "which Sleutelbos this is",
	about: "Prints the version, the commit it was built from where that is known, and the Go it was built with.",
	run: func(_ context.Context, sh shell, flags *flag.FlagSet, arguments []string) error {
		if err := parse(flags, arguments); err != nil {
			return err
		}
		fmt.Fprintln(sh.stdout, "sleutelbos", version())
		return nil
	},
}

func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "(unknown)"
	}
	text := info.Main.Version
	if text == "" {
		text = "(devel)"
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" {
			text += " " + setting.Value
		}
	}
	return text + " " + info.GoVersion
}
