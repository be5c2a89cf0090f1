// Package portals holds the portal files, for the demo and for tests; serve reads those of the operator's folder.
package portals

import "embed"

// Files are the portal files.
//
//go:embed *.yaml
var Files embed.FS
