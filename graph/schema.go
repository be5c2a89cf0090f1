package graph

import (
	"bytes"

	"github.com/vektah/gqlparser/v2/formatter"

	"github.com/sleutelbos/sleutelbos/graph/generated"
)

// SDL is the text of the whole schema, for tools that make clients.
func SDL() string {
	schema := generated.NewExecutableSchema(generated.Config{}).Schema()
	var text bytes.Buffer
	formatter.NewFormatter(&text, formatter.WithIndent("  ")).FormatSchema(schema)
	return text.String()
}
