//go:build !linux

package postgres

// quickFolder returns the default for temporary files: there is no memory file
// system that is there on every machine.
func quickFolder() string { return "" }
