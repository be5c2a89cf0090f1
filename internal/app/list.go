package app

import (
	"encoding/base64"
	"encoding/json"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// Cursor writes a place in a list as clients are given it: opaque, of that list alone, and the same every time.
func (a *App) Cursor(list string, place identity.Cursor) string {
	text, _ := json.Marshal(place) // strings always encode
	return base64.RawURLEncoding.EncodeToString(a.keys.SealCursor(text, []byte(list)))
}

// Place reads a cursor of a list. It refuses whatever Cursor didn't write for exactly that list (INVALID_CURSOR).
func (a *App) Place(list, cursor string) (identity.Cursor, error) {
	var place identity.Cursor
	sealed, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return nil, identity.Refuse(identity.InvalidCursor, "after")
	}
	text, err := a.keys.OpenCursor(sealed, []byte(list))
	if err != nil || json.Unmarshal(text, &place) != nil {
		return nil, identity.Refuse(identity.InvalidCursor, "after")
	}
	return place, nil
}
