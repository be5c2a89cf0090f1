package config

import (
	"fmt"
	"log/slog"
)

// Level is the least level that is logged; slog.HandlerOptions takes it as it is.
type Level slog.Level

var levels = map[string]slog.Level{
	"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError,
}

// UnmarshalText knows four names.
func (l *Level) UnmarshalText(text []byte) error {
	level, known := levels[string(text)]
	if !known {
		return fmt.Errorf("is %q; allowed: debug, info, warn, error", text)
	}
	*l = Level(level)
	return nil
}

// Level answers as slog knows it.
func (l Level) Level() slog.Level { return slog.Level(l) }

// String is slog's name of the level.
func (l Level) String() string { return slog.Level(l).String() }
