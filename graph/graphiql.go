package graph

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"sync"
)

// graphiqlFiles are the page and a pinned release of GraphiQL; graphiql/vendor.sh says which and where from.
//
//go:embed graphiql/*.html graphiql/*.css graphiql/*.js graphiql/LICENSE.*
var graphiqlFiles embed.FS

// graphiqlPolicy allows the page its own files and its own endpoint, and nothing else: nothing inline, no other host. Fonts and
// pictures of GraphiQL's style sheet are data URLs.
const graphiqlPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; font-src data:; " +
	"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// GraphiQL serves a page to try the API with, from the binary alone. Mount it at …/graphiql and …/graphiql/ beside the endpoint
// …/graphql, under any prefix: the page finds its endpoint and its files relative to its own address.
func GraphiQL() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "Only GET and HEAD are answered here.", http.StatusMethodNotAllowed)
			return
		}
		folder, name := path.Split(r.URL.Path)
		switch {
		case name == "graphiql":
			serveGraphiQL(w, r, "index.html")
		case name == "" && strings.HasSuffix(folder, "/graphiql/"):
			w.Header().Set("Location", "../graphiql") // relative: a prefix may have been taken off the path
			w.WriteHeader(http.StatusPermanentRedirect)
		default:
			serveGraphiQL(w, r, name)
		}
	})
}

// serveGraphiQL serves one file of the page.
func serveGraphiQL(w http.ResponseWriter, r *http.Request, name string) {
	header := w.Header()
	header.Set("Content-Security-Policy", graphiqlPolicy)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Cache-Control", "no-cache") // ask again, and hear that nothing changed
	header.Set("ETag", graphiqlVersion())
	http.ServeFileFS(w, r, graphiqlFiles, "graphiql/"+name)
}

// graphiqlVersion stands for the content of all files together.
var graphiqlVersion = sync.OnceValue(func() string {
	sum := sha256.New()
	_ = fs.WalkDir(graphiqlFiles, ".", func(name string, _ fs.DirEntry, _ error) error {
		content, _ := graphiqlFiles.ReadFile(name) // nothing, for a folder
		sum.Write(content)
		return nil
	})
	return `"` + hex.EncodeToString(sum.Sum(nil)[:8]) + `"`
})
