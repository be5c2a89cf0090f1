package rig

import (
	"strings"

	"github.com/sleutelbos/sleutelbos/internal/export"
)

// Proves checks an export of an audit log like «sleutelbos audit verify FILE --head NOTED», and answers its head as one notes
// it; noted is "" for none.
func Proves(file, noted string) (head string, err error) {
	var known *export.Noted
	if noted != "" {
		parsed, err := export.ParseNoted(noted)
		if err != nil {
			return "", err
		}
		known = &parsed
	}
	found, err := export.Verify(strings.NewReader(file), known)
	return export.Noted{Sequence: found.Sequence, Hash: found.Hash}.String(), err
}
